import { useEffect, useMemo } from 'preact/hooks';
import { isSick } from '../state/fleet-query.ts';
import { usePage } from '../state/page-context.ts';
import { useValue } from '../state/observable.ts';

/** The title of the page, with the number of sick instances in it and in the icon, for tabs that nobody looks at. */
export function useTitle(text: string): void {
  const { state } = usePage();
  const rows = useValue(state.rows);
  const sick = useMemo(() => (rows === null ? 0 : [...rows.values()].filter(isSick).length), [rows]);
  useEffect(() => {
    document.title = `${sick === 0 ? '' : `(${sick}) `}${text} · smileapi-watchdog`;
    document.querySelector('link[rel=icon]')?.setAttribute('href', iconFor(sick));
  }, [sick, text]);
}

/** A green mark, or a red one with the number. */
function iconFor(sick: number): string {
  const text = sick > 99 ? '99+' : String(sick);
  const inside =
    sick === 0
      ? '<path d="M9 17l5 5 10-12" fill="none" stroke="#fff" stroke-width="4"/>'
      : `<text x="16" y="22" font-size="${text.length > 2 ? 13 : 18}" font-family="sans-serif" font-weight="bold" text-anchor="middle" fill="#fff">${text}</text>`;
  const color = sick === 0 ? '#18703d' : '#b3191f';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="${color}"/>${inside}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
