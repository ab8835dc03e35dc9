import type { JSX } from 'preact';
import type { Rails } from './rails.ts';
import { barOf, duration, type Scale } from './scale.ts';
import type { Row } from './tree.ts';
import { askedOf, guessOf, markOf, nameOf, outcomeOf } from './words.ts';

export interface WaterfallRowProps {
  readonly row: Row;
  readonly rails: Rails;
  readonly scale: Scale;
  /** Undefined: nothing hangs under it. */
  readonly folded: boolean | undefined;
  readonly selected: boolean;
  readonly focusable: boolean;
  readonly choose: () => void;
  readonly toggle: () => void;
}

/** One line of the picture: who and what, the bar in time, how it went. */
export function WaterfallRow(props: WaterfallRowProps): JSX.Element {
  const { row, scale, folded, selected, focusable, choose } = props;
  const guess = guessOf(row);
  const mark = markOf(row);
  return (
    <div
      role="treeitem"
      aria-level={row.depth + 1}
      aria-selected={selected}
      aria-expanded={folded === undefined ? undefined : !folded}
      tabIndex={focusable ? 0 : -1}
      data-row={row.id}
      class={['row', `of-${row.kind}`, mark?.role ?? ''].join(' ').trim()}
      onClick={choose}
    >
      <div class="row-label">
        <Lines {...props} />
        <span class="row-name">{nameOf(row)}</span>
        <bdi class="row-asked mono">{askedOf(row)}</bdi>
      </div>
      <div class="row-time">
        <Bar row={row} scale={scale} />
      </div>
      <div class="row-outcome">
        <Outcome row={row} />
      </div>
      <span class="unseen">
        , {duration(row.startedAt - scale.startedAt)} after the start. {guess}
      </span>
      {guess !== undefined && (
        <p class="evidence" aria-hidden="true">
          {guess}
        </p>
      )}
    </div>
  );
}

/** Lines to the parent: dotted where the link is a guess. */
function Lines({ row, rails, folded, toggle }: WaterfallRowProps): JSX.Element {
  return (
    <span class="rails" aria-hidden="true">
      {rails.through.map((on, index) => (
        <i key={index} class={on ? 'rail on' : 'rail'} />
      ))}
      {row.depth > 0 && (
        <i class={['rail elbow', rails.last ? 'last' : '', guessOf(row) === undefined ? '' : 'inferred'].join(' ')} />
      )}
      <span
        class="twist"
        onClick={(event) => {
          event.stopPropagation();
          if (folded !== undefined) toggle();
        }}
      >
        {folded === undefined ? '' : folded ? '▸' : '▾'}
      </span>
    </span>
  );
}

function Bar({ row, scale }: Pick<WaterfallRowProps, 'row' | 'scale'>): JSX.Element {
  const { left, width } = barOf(scale, row);
  const direction = row.kind === 'exchange' ? row.exchange.vantage.direction : '';
  const isBad = outcomeOf(row).bad;
  const place = placeOf(left, width);
  return (
    <>
      <span
        class={['span', direction, isBad ? 'bad' : ''].join(' ')}
        style={{ left: `${left}%`, width: `${width}%` }}
      />
      {row.kind !== 'hole' && (
        <span class={place.inside ? 'took inside' : 'took'} style={place.style}>
          {duration(row.endedAt - row.startedAt)}
        </span>
      )}
    </>
  );
}

/** How long it took stands behind the bar, where there is no room before it, and in the bar where there is none either. */
function placeOf(
  left: number,
  width: number,
): { readonly inside: boolean; readonly style: Readonly<Record<string, string>> } {
  if (left + width < 82) return { inside: false, style: { left: `${left + width}%` } };
  if (left > 20) return { inside: false, style: { right: `${100 - left}%` } };
  return { inside: true, style: { left: `${left}%` } };
}

function Outcome({ row }: { readonly row: Row }): JSX.Element {
  const { text, bad } = outcomeOf(row);
  const mark = markOf(row);
  return (
    <>
      <span class={bad ? 'status bad' : 'status'}>{text}</span>
      {mark !== undefined && (
        <span class={`mark ${mark.role}`}>
          {mark.role === 'origin' && <span aria-hidden="true">◆ </span>}
          {mark.text}
        </span>
      )}
    </>
  );
}
