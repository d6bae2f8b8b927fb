import { useEffect, useState } from 'preact/hooks';
import type { EventView, InstanceDetailView } from '../../http/views/schemas.ts';
import { ApiProblem, isLack, LACK_RETRY_MS, type ApiClient } from '../state/api-client.ts';
import { usePage } from '../state/page-context.ts';
import { Soon } from '../state/page-clock.ts';

/** Events that are shown of one instance. */
const MOST_EVENTS = 200;
/** While many events of an instance come, it is loaded this often (ms). */
const LOAD_EVERY_MS = 1_000;

export interface Loaded {
  readonly detail: InstanceDetailView | null;
  readonly events: readonly EventView[];
  readonly missing: boolean;
  /** Who watches it says nothing now, or is changing; what is there of it is older. */
  readonly lacking: boolean;
}

const NOTHING: Loaded = { detail: null, events: [], missing: false, lacking: false };

/** An instance with all its details, loaded again after each of its events. */
export function useInstanceDetail(name: string): Loaded {
  const { api, state } = usePage();
  const [loaded, setLoaded] = useState<Loaded>(NOTHING);
  useEffect(() => {
    let over = false;
    const { clock } = state;
    let lastLoad = 0;
    const load = async (): Promise<void> => {
      lastLoad = clock.now();
      const found = await loadInstance(name, api);
      if (over || found === null) return;
      setLoaded((before) => (found === 'lacking' ? { ...before, lacking: true } : found));
      if (found === 'lacking') next.request(LACK_RETRY_MS);
    };
    const next = new Soon(clock, () => void load());
    const soon = (): void => next.request(Math.max(50, lastLoad + LOAD_EVERY_MS - clock.now()));
    setLoaded(NOTHING);
    void load();
    const ends = [
      state.touched.subscribe((names) => {
        if (names.has(name)) soon();
      }),
      state.event.subscribe((event) => {
        if (event?.name === name) soon();
      }),
      // After a new connection everything may be different.
      state.connection.subscribe(() => {
        if (state.connection.get().state === 'live') soon();
      }),
    ];
    return () => {
      over = true;
      next.cancel();
      for (const end of ends) end();
    };
  }, [name, api, state]);
  return loaded;
}

/** Null: it could not be loaded. The shown data stays, and the live feed shows that there is no connection. */
async function loadInstance(name: string, api: ApiClient): Promise<Loaded | 'lacking' | null> {
  const which = encodeURIComponent(name);
  try {
    const [detail, { events }] = await Promise.all([
      api.get<InstanceDetailView>(`api/v1/instances/${which}`),
      api.get<{ events: readonly EventView[] }>(`api/v1/events?limit=${MOST_EVENTS}&name=${which}`),
    ]);
    return { detail, events, missing: false, lacking: false };
  } catch (error) {
    if (isLack(error)) return 'lacking';
    return error instanceof ApiProblem && error.status === 404 ? { ...NOTHING, missing: true } : null;
  }
}
