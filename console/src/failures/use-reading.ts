import type { RefObject } from 'preact';
import { useCallback } from 'preact/hooks';

/**
 * Whether somebody reads the list, so that rows must not move: it is scrolled, the pointer or the focus is in it, or something in it is open or
 * selected.
 */
export function useReading(list: RefObject<HTMLElement | null>): () => boolean {
  return useCallback(() => {
    const element = list.current;
    if (element === null) return false;
    const scrolled = window.scrollY > 0 || element.scrollTop > 0;
    const selected = (document.getSelection()?.toString() ?? '') !== '';
    return (
      scrolled ||
      selected ||
      element.matches(':hover, :focus-within') ||
      element.querySelector('[aria-expanded=true]') !== null
    );
  }, [list]);
}
