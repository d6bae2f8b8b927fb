import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Speech } from '../speech/speech.ts';
import type { ApiClient } from './api-client.ts';
import type { FleetState } from './fleet-state.ts';
import type { Observable } from './observable.ts';

/** What all parts of the page share. */
export interface PageParts {
  readonly api: ApiClient;
  readonly state: FleetState;
  /** What screen readers read. */
  readonly announced: Observable<string>;
}

export const PageContext = createContext<PageParts | null>(null);

/** @throws Error outside of the page */
export function usePage(): PageParts {
  const parts = useContext(PageContext);
  if (parts === null) throw new Error('this is no part of the page');
  return parts;
}

/** What the page says. @throws Error outside of the page */
export function useSpeech(): Speech {
  return usePage().state.speech;
}
