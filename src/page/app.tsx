import { LiveRegion } from './parts/announcer.tsx';
import { Banner } from './parts/banner.tsx';
import { ConnectionMark, StaleNote } from './parts/connection-mark.tsx';
import { FleetPage } from './fleet/fleet-page.tsx';
import { IncidentsPage } from './incidents/incidents-page.tsx';
import { InstancePage } from './instance/instance-page.tsx';
import type { LiveFeed } from './state/live-feed.ts';
import { useValue } from './state/observable.ts';
import { PageContext, usePage, useSpeech, type PageParts } from './state/page-context.ts';
import { fleetHref, INCIDENTS_HREF, useRoute } from './state/route.ts';
import { chooseLanguage } from './speech/chosen-language.ts';
import { LANGUAGES, LANGUAGE_NAMES } from '../language/language.ts';
import { TokenDialog, type TokenPrompt } from './dialogs/token-dialog.tsx';

interface Props {
  readonly parts: PageParts;
  readonly feed: LiveFeed;
  readonly prompt: TokenPrompt;
}

export function App({ parts, feed, prompt }: Props) {
  const { state } = parts;
  const route = useRoute();
  const query = useValue(state.query);
  const version = useValue(state.status)?.version;
  useValue(state.now);
  useValue(state.connection);
  const stale = state.staleFor() !== null;
  const { frame } = state.speech.page;
  return (
    <PageContext.Provider value={parts}>
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          // The part of the address after # is the route.
          event.preventDefault();
          document.getElementById('content')?.focus();
        }}
      >
        {frame.skip}
      </a>
      <header class="top">
        <a class="brand" href={fleetHref(query)}>
          <BrandSign />
          smileapi-watchdog
          {version !== undefined && <span class="version">{version}</span>}
        </a>
        <nav class="ways" aria-label={frame.pages}>
          <a href={fleetHref(query)} aria-current={route.page === 'fleet' ? 'page' : undefined}>
            {frame.fleet}
          </a>
          <a href={INCIDENTS_HREF} aria-current={route.page === 'incidents' ? 'page' : undefined}>
            {frame.incidents}
          </a>
        </nav>
        <ConnectionMark retry={() => feed.retryNow()} />
      </header>
      <main id="content" tabIndex={-1} class={stale ? 'stale' : undefined}>
        <StaleNote />
        <Banner />
        {route.page === 'fleet' ? (
          <FleetPage />
        ) : route.page === 'incidents' ? (
          <IncidentsPage />
        ) : (
          <InstancePage key={route.name} name={route.name} />
        )}
      </main>
      <Foot />
      <LiveRegion />
      <TokenDialog prompt={prompt} />
    </PageContext.Provider>
  );
}

function BrandSign() {
  return (
    <svg class="brand-sign" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M2 13h4.5l2.5-7 4 12 2.5-8 1.5 3h5" />
    </svg>
  );
}

/** What stays in this browser: the language, and a token until it is forgotten here. */
function Foot() {
  const { api } = usePage();
  const { language: shown, page } = useSpeech();
  return (
    <footer class="bottom">
      <div class="languages" role="group" aria-label={page.frame.languages}>
        {LANGUAGES.map((language) => (
          <button
            key={language}
            type="button"
            class="clear"
            lang={language}
            aria-pressed={language === shown}
            onClick={() => {
              chooseLanguage(localStorage, language);
              location.reload();
            }}
          >
            {LANGUAGE_NAMES[language]}
          </button>
        ))}
      </div>
      {api.hasToken && (
        <button
          type="button"
          class="clear"
          onClick={() => {
            api.forgetTokens();
            location.reload();
          }}
        >
          {page.frame.forgetToken}
        </button>
      )}
    </footer>
  );
}
