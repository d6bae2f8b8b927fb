import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

/** From this width down, rows are cards. The style sheet has the same number. */
const CARDS = '(max-width: 860px)';
/** Heights in CSS pixels; the style sheet has the same numbers. */
const ROW_HEIGHT = 52;
const CARD_HEIGHT = 158;
/** Rows rendered beyond each edge of the window, so that Tab and quick scrolling find something there. */
const BEYOND = 8;

/** Which rows are rendered, and how high the space before and after them is. */
export interface WindowRows {
  readonly first: number;
  /** Exclusive. */
  readonly end: number;
  readonly before: number;
  readonly after: number;
}

/** The rows of a long list that are near the part of it that can be seen. All rows are equally high. */
export function rowsInView(total: number, rowHeight: number, listTop: number, windowHeight: number): WindowRows {
  const first = Math.min(Math.max(0, Math.floor(-listTop / rowHeight) - BEYOND), Math.max(0, total - 1));
  const end = Math.min(total, Math.max(first, Math.ceil((windowHeight - listTop) / rowHeight) + BEYOND));
  return { first, end, before: first * rowHeight, after: (total - end) * rowHeight };
}

/** The same for a list in the page, as it is scrolled and resized. */
export function useWindowRows(list: RefObject<HTMLElement | null>, total: number): WindowRows {
  const [place, setPlace] = useState({ top: 0, rowHeight: ROW_HEIGHT, windowHeight: 900 });
  useLayoutEffect(() => {
    const cards = matchMedia(CARDS);
    const look = (): void => {
      const rowHeight = cards.matches ? CARD_HEIGHT : ROW_HEIGHT;
      const exact = list.current?.getBoundingClientRect().top ?? 0;
      // Whole rows, so that most scroll events change nothing.
      const top = Math.round(exact / rowHeight) * rowHeight;
      setPlace((old) => {
        const same = old.top === top && old.rowHeight === rowHeight && old.windowHeight === innerHeight;
        return same ? old : { top, rowHeight, windowHeight: innerHeight };
      });
    };
    look();
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', look);
    return () => {
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
    };
  }, [list, total]);
  return rowsInView(total, place.rowHeight, place.top, place.windowHeight);
}
