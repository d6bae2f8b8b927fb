import { render } from 'preact';
import './base.css';
import './fleet.css';
import './instance.css';
import type { Language } from '../language/language.ts';
import type { PageCatalogue } from '../language/page-catalogue.ts';
import { ApiClient } from './state/api-client.ts';
import { App } from './app.tsx';
import { chosenLanguage } from './speech/chosen-language.ts';
import { FleetState } from './state/fleet-state.ts';
import { LiveFeed } from './state/live-feed.ts';
import { Observable } from './state/observable.ts';
import { browserClock, every } from './state/page-clock.ts';
import { followAddress } from './state/route.ts';
import { Speech } from './speech/speech.ts';
import { TokenPrompt } from './dialogs/token-dialog.tsx';
import { Tokens } from './state/tokens.ts';

/** A browser loads one of them. */
const CATALOGUES: Readonly<Record<Language, () => Promise<{ readonly PAGE_CATALOGUE: PageCatalogue }>>> = {
  en: () => import('../language/en/page-catalogue.ts'),
  'pt-BR': () => import('../language/pt-br/page-catalogue.ts'),
};

const language = chosenLanguage(localStorage, document.documentElement.lang);
document.documentElement.lang = language;
const { PAGE_CATALOGUE } = await CATALOGUES[language]();

const prompt = new TokenPrompt();
const api = new ApiClient(new Tokens(localStorage), (right, wrong) => prompt.ask(right, wrong));
const clock = browserClock();
const state = new FleetState(new Speech(language, PAGE_CATALOGUE), clock);
const feed = new LiveFeed(api, state);
followAddress(state);
const parts = { api, state, announced: new Observable('') };
const place = document.getElementById('page');
if (place !== null) {
  render(<App parts={parts} feed={feed} prompt={prompt} />, place);
}
every(clock, 1_000, () => state.tick());
void feed.run();
