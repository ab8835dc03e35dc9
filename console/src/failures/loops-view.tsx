import type { JSX, RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useKeys } from '../shell/keys.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import { countText } from '../ui/format.ts';
import { useRows } from '../ui/use-rows.ts';
import type { Filters } from './filters.ts';
import { LOOP_COLUMNS, loopCells } from './loop-line.tsx';
import { News } from './news.tsx';
import { Nothing } from './nothing.tsx';
import type { Loops } from './use-loops.ts';
import { useLoops } from './use-loops.ts';
import { useReading } from './use-reading.ts';

const ROW_HEIGHT = 27;
/** Rows from the end at which the next page is asked for. */
const AHEAD = 60;

interface BoxProps {
  readonly loops: Loops;
  /** What scrolls. */
  readonly box: RefObject<HTMLDivElement | null>;
}

/** Every loop in a row of its own; as many as there are, of which those in sight are drawn. */
export function LoopsView({ filters }: { readonly filters: Filters }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const loops = useLoops(filters, useReading(box));
  const { state, shown, problem, showAll, again } = loops;
  const showNews = (): void => {
    box.current?.scrollTo({ top: 0 });
    showAll();
  };
  return (
    <div class="list-box" aria-busy={state === 'asking'}>
      <News count={shown.waiting.length} what="loop" show={showNews} />
      {problem !== undefined && <ErrorBox problem={problem} again={again} />}
      {shown.rows.length > 0 && <LoopTable loops={loops} box={box} />}
      {state === 'asking' && <p class="asking">Loading …</p>}
      {state === 'known' && problem === undefined && shown.rows.length === 0 && <Nothing filters={filters} />}
    </div>
  );
}

function LoopTable({ loops, box }: BoxProps): JSX.Element {
  const { rows } = loops.shown;
  const more = loops.next !== undefined;
  return (
    <>
      <div class="loop-table" role="table" aria-label="Loops, newest first" aria-rowcount={more ? -1 : rows.length + 1}>
        <div role="rowgroup">
          <div role="row" class="head" aria-rowindex={1}>
            {LOOP_COLUMNS.map((name) => (
              <span role="columnheader" key={name}>
                {name}
              </span>
            ))}
          </div>
        </div>
        <div role="rowgroup" class="scroller" ref={box} tabIndex={-1}>
          <LoopRows loops={loops} box={box} />
        </div>
      </div>
      <p class="foot muted">
        {countText(rows.length)} loops{more ? ', more when scrolled to' : ''}
      </p>
    </>
  );
}

function LoopRows({ loops, box }: BoxProps): JSX.Element {
  const { rows } = loops.shown;
  const virtual = useRows(box, { count: rows.length, height: ROW_HEIGHT });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last > rows.length - AHEAD) loops.askMore();
  }, [last, rows.length, loops.askMore]);
  useWalkRows(box, rows.length, (index) => virtual.scrollToIndex(index));
  return (
    <div class="all" style={{ height: `${virtual.getTotalSize()}px` }}>
      {items.map(({ index, start }) => {
        const loop = rows[index];
        if (loop === undefined) return undefined;
        return (
          <div
            role="row"
            key={loop.id}
            data-index={index}
            aria-rowindex={index + 2}
            style={{ transform: `translateY(${start}px)` }}
          >
            {loopCells(loop).map((cell, at) => (
              <span role="cell" key={LOOP_COLUMNS[at]}>
                {cell}
              </span>
            ))}
          </div>
        );
      })}
    </div>
  );
}

/** j and k where most rows are not there: the next one is brought into sight first. */
function useWalkRows(box: RefObject<HTMLElement | null>, count: number, show: (index: number) => void): void {
  const step = (by: number): void => {
    const here = document.activeElement?.closest('[data-index]')?.getAttribute('data-index') ?? undefined;
    const next = here === undefined ? 0 : Math.min(Math.max(Number(here) + by, 0), count - 1);
    show(next);
    requestAnimationFrame(() =>
      box.current?.querySelector<HTMLElement>(`[data-index="${next}"] [data-row]`)?.focus({ preventScroll: true }),
    );
  };
  useKeys([
    { key: 'j', does: 'next row', run: () => step(1) },
    { key: 'k', does: 'row before', run: () => step(-1) },
    { key: 'Enter', does: 'open the loop' },
  ]);
}
