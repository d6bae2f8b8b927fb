import type { Kind } from '../state/fleet-query.ts';
import { useSpeech } from '../state/page-context.ts';

const UNKNOWN = 'M5.5 5.8A2.5 2.5 0 1 1 8 8.4v1.4M8 12.6v.4';

/** A shape for each kind, so that colour is never the only sign. In a field of sixteen by sixteen. */
const SHAPES: Readonly<Record<Kind, string>> = {
  healthy: 'M3 8.5l3.2 3.2L13 5',
  suspect: 'M8 2.5L14.5 13.5h-13zM8 6.5v3M8 11.4v.4',
  down: 'M4 4l8 8M12 4l-8 8',
  restarting: 'M13 8a5 5 0 1 1-1.6-3.7M13.2 2v3h-3',
  recovering: 'M8 13.5v-10M4 7.2l4-4 4 4',
  exhausted: 'M5.2 2h5.6L14 5.2v5.6L10.8 14H5.2L2 10.8V5.2zM5 8h6',
  needs_human: 'M8 7.5a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2zM2.8 14c.4-3.2 2.4-4.5 5.2-4.5s4.8 1.3 5.2 4.5',
  unknown: UNKNOWN,
  disabled: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM4 4l8 8',
  paused: 'M5.5 3.5v9M10.5 3.5v9',
  acknowledged: 'M2.5 8.5l3 3 4-6M8.5 11l.8.5 4.2-6',
  blind: UNKNOWN,
  silent: 'M2.5 6v4h2.5l3.5 3v-10l-3.5 3zM11 6l3 4M14 6l-3 4',
};

export function KindIcon({ kind }: { readonly kind: Kind }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={SHAPES[kind]} />
    </svg>
  );
}

/** The phase of an instance, or what else is known of it, as shape, colour and word. */
export function KindBadge({ kind }: { readonly kind: Kind }) {
  const { label, means } = useSpeech().kinds[kind];
  return (
    <span class={`badge kind-${kind}`} title={means}>
      <KindIcon kind={kind} />
      {label}
    </span>
  );
}
