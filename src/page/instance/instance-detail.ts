import { useRef } from 'preact/hooks';
import type { EventView, InstanceDetailView } from '../../http/views/schemas.ts';
import { ApiProblem, type ApiClient } from '../state/api-client.ts';
import { useLoaded } from '../state/loaded.ts';
import { usePage } from '../state/page-context.ts';

/** Events that are shown of one instance. */
const MOST_EVENTS = 200;
/** While many events of an instance come, it is loaded this often (ms). */
const LOAD_EVERY_MS = 1_000;

interface Found {
  readonly detail: InstanceDetailView | null;
  readonly events: readonly EventView[];
  readonly missing: boolean;
}

const NOTHING: Found = { detail: null, events: [], missing: false };

/** An instance with all its details, loaded again after each of its events; `lacking`: what is there of it is older. */
export function useInstanceDetail(name: string): Found & { readonly lacking: boolean } {
  const { api, state } = usePage();
  const { clock, touched, event, connection } = state;
  const lastLoad = useRef(0);
  const { found, lacking } = useLoaded(
    {
      load() {
        lastLoad.current = clock.now();
        return loadInstance(name, api);
      },
      follow(next) {
        const soon = (): void => next.request(Math.max(50, lastLoad.current + LOAD_EVERY_MS - clock.now()));
        return [
          touched.subscribe((names) => {
            if (names.has(name)) soon();
          }),
          event.subscribe((happened) => {
            if (happened?.name === name) soon();
          }),
          // After a new connection everything may be different.
          connection.subscribe((now) => {
            if (now.state === 'live') soon();
          }),
        ];
      },
    },
    [name, api, state],
  );
  return { ...(found ?? NOTHING), lacking };
}

async function loadInstance(name: string, api: ApiClient): Promise<Found> {
  const which = encodeURIComponent(name);
  try {
    const [detail, { events }] = await Promise.all([
      api.get<InstanceDetailView>(`api/v1/instances/${which}`),
      api.get<{ events: readonly EventView[] }>(`api/v1/events?limit=${MOST_EVENTS}&name=${which}`),
    ]);
    return { detail, events, missing: false };
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return { ...NOTHING, missing: true };
    throw error;
  }
}
