import type { RefObject } from 'preact';
import type { KeyBinding } from '../shell/keys.ts';
import { useKeys } from '../shell/keys.ts';

/** j and k go through what is marked `data-row` in a list; Enter does there what a click does. */
export function useWalk(list: RefObject<HTMLElement | null>, more: readonly KeyBinding[]): void {
  const step = (by: number): void => {
    const rows = [...(list.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])];
    const here = rows.findIndex((row) => row === document.activeElement);
    const next = here < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(here + by, 0), rows.length - 1);
    rows[next]?.focus();
    rows[next]?.scrollIntoView({ block: 'nearest' });
  };
  useKeys([
    { key: 'j', does: 'next row', run: () => step(1) },
    { key: 'k', does: 'row before', run: () => step(-1) },
    { key: 'Enter', does: 'open the row' },
    ...more,
  ]);
}
