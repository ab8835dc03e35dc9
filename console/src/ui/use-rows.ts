import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface RowsOptions {
  readonly count: number;
  /** Pixels. */
  readonly height: number;
}

/** The few of many rows of one height that are to be seen in `box`, which scrolls. */
export function useRows(
  box: RefObject<HTMLElement | null>,
  { count, height }: RowsOptions,
): Virtualizer<HTMLElement, HTMLElement> {
  const [, setTurn] = useState(0);
  const held = useRef<Virtualizer<HTMLElement, HTMLElement>>(undefined);
  const options = {
    count,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan: 12,
    scrollToFn: elementScroll<HTMLElement>,
    observeElementRect: observeElementRect<HTMLElement>,
    observeElementOffset: observeElementOffset<HTMLElement>,
    onChange: () => setTurn((before) => before + 1),
  };
  const virtualizer = (held.current ??= new Virtualizer(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  return virtualizer;
}
