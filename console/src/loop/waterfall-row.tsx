import type { JSX } from 'preact';
import type { Rails } from './rails.ts';
import { barOf, duration, type Scale } from './scale.ts';
import type { Row } from './tree.ts';
import { askedOf, guessOf, markOf, nameOf, outcomeOf, sentenceOf } from './words.ts';

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
  const sentence = sentenceOf(row, scale.startedAt);
  return (
    <div
      role="treeitem"
      aria-level={row.depth + 1}
      aria-selected={selected}
      aria-expanded={folded === undefined ? undefined : !folded}
      aria-label={guess === undefined ? sentence : `${sentence}. ${guess}`}
      tabIndex={focusable ? 0 : -1}
      data-row={row.id}
      class={['row', row.kind, mark?.role ?? ''].join(' ').trim()}
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
  // Beside the bar where there is room: behind it, else in front of it.
  const after = left + width < 84;
  const place = after ? { left: `${left + width}%` } : { right: `${100 - left}%` };
  return (
    <>
      <span
        class={['span', direction, isBad ? 'bad' : ''].join(' ')}
        style={{ left: `${left}%`, width: `${width}%` }}
      />
      {row.kind !== 'hole' && (
        <span class="took" style={place}>
          {duration(row.endedAt - row.startedAt)}
        </span>
      )}
    </>
  );
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
