import type { JSX } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { foldable, moveOf, seenRows } from './folding.ts';
import { railsOf } from './rails.ts';
import { ticksOf, type Scale } from './scale.ts';
import type { Row } from './tree.ts';
import { WaterfallRow } from './waterfall-row.tsx';

export interface WaterfallProps {
  readonly rows: readonly Row[];
  readonly scale: Scale;
  readonly selected: string;
  readonly select: (id: string) => void;
  /** `c` was pressed on this row. */
  readonly copy: (row: Row) => void;
}

const FIRST_ROWS = 300;
/** Labels that have room where the picture is narrow. */
const MOST_TICKS = 4;

/** The cascade in time, as a tree that arrow keys walk. */
export function Waterfall(props: WaterfallProps): JSX.Element {
  const { rows, scale, selected, select } = props;
  const { tree, seen, left, more, folded, parents, stop, setFocused, fold, onKeyDown } = useWalk(props);
  const rails = useMemo(() => railsOf(seen), [seen]);
  return (
    <div class="waterfall">
      <Axis scale={scale} />
      <div role="tree" aria-label="The cascade" ref={tree} onKeyDown={onKeyDown}>
        {seen.map((row, index) => (
          <WaterfallRow
            key={row.id}
            row={row}
            rails={rails[index] ?? { through: [], last: true }}
            scale={scale}
            folded={parents.has(row.id) ? folded.has(row.id) : undefined}
            selected={row.id === selected}
            focusable={row.id === stop}
            choose={() => {
              setFocused(row.id);
              select(row.id);
            }}
            toggle={() => fold(row.id, !folded.has(row.id))}
          />
        ))}
      </div>
      {left > 0 && (
        <button type="button" class="button small" onClick={more}>
          {left} more of {rows.length} rows
        </button>
      )}
      <Legend />
    </div>
  );
}

/** What is folded, what has the focus, and what keys do. */
function useWalk({ rows, selected, select, copy }: WaterfallProps) {
  const tree = useRef<HTMLDivElement>(null);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [focused, setFocused] = useState(selected);
  const [most, setMost] = useState(Math.max(FIRST_ROWS, rows.findIndex(({ id }) => id === selected) + 1));
  const parents = useMemo(() => foldable(rows), [rows]);
  const all = useMemo(() => seenRows(rows, folded), [rows, folded]);
  const seen = useMemo(() => all.slice(0, most), [all, most]);
  const stop = seen.some(({ id }) => id === focused) ? focused : seen[0]?.id;
  const fold = (id: string, on: boolean): void =>
    setFolded(on ? new Set([...folded, id]) : new Set([...folded].filter((one) => one !== id)));
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || stop === undefined) return;
    const row = seen.find(({ id }) => id === stop);
    if (event.key === 'c' && row !== undefined) return copy(row);
    const move = moveOf(event.key, stop, seen, folded, parents);
    if (move === undefined) return undefined;
    event.preventDefault();
    if (move.kind === 'open') return select(move.id);
    if (move.kind !== 'focus') return fold(move.id, move.kind === 'fold');
    setFocused(move.id);
    tree.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(move.id)}"]`)?.focus();
  };
  const more = (): void => setMost(most * 4);
  return { tree, seen, left: all.length - seen.length, more, folded, parents, stop, setFocused, fold, onKeyDown };
}

function Axis({ scale }: { readonly scale: Scale }): JSX.Element {
  return (
    <div class="axis" aria-hidden="true">
      <div />
      <div class="ticks">
        {ticksOf(scale, MOST_TICKS).map(({ left, label }) => (
          <span key={left} style={{ left: `${left}%` }}>
            {label}
          </span>
        ))}
      </div>
      <div />
    </div>
  );
}

function Legend(): JSX.Element {
  return (
    <p class="legend muted">
      <span class="key inbound" /> answered by a service <span class="key outbound" /> called by one{' '}
      <span class="key asks" /> command of a database <span class="key dotted" /> placed by inference
      <span class="keys">
        <kbd>↑</kbd> <kbd>↓</kbd> <kbd>←</kbd> <kbd>→</kbd> walk, <kbd>Enter</kbd> opens, <kbd>c</kbd> copies curl
      </span>
    </p>
  );
}
