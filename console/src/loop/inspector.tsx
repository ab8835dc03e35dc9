import type { JSX } from 'preact';
import { Badge } from '../ui/badge.tsx';
import { CommandInspector } from './command-inspector.tsx';
import { ExchangeInspector } from './exchange-inspector.tsx';
import { Facts } from './facts.tsx';
import { Headers } from './headers.tsx';
import { Recorded } from './recorded-text.tsx';
import { duration } from './scale.ts';
import type { Row } from './tree.ts';
import { askedOf, guessOf, markOf, nameOf, outcomeOf } from './words.ts';

export interface InspectorProps {
  readonly loop: string;
  readonly row: Row;
  /** Of the transaction, Unix ms. */
  readonly start: number;
}

/** Everything that is known of one row of the picture. */
export function Inspector({ loop, row, start }: InspectorProps): JSX.Element {
  const guess = guessOf(row);
  const failure = row.kind === 'exchange' ? row.failure : undefined;
  return (
    <section class="inspector" aria-label={`${nameOf(row)} ${askedOf(row)}`}>
      <header>
        <h2 class="who">
          <span>{nameOf(row)}</span> <Marks row={row} />
        </h2>
        {row.kind !== 'command' && (
          <p class="mono asked">
            <bdi>{askedOf(row)}</bdi>
          </p>
        )}
        {failure !== undefined && (
          <p class="failed">
            <Recorded text={failure.summary} oneLine />
          </p>
        )}
        {guess !== undefined && <p class="said">{guess}</p>}
        <Facts facts={factsOf(row, start)} />
      </header>
      <Detail loop={loop} row={row} start={start} />
    </section>
  );
}

function Marks({ row }: { readonly row: Row }): JSX.Element {
  const mark = markOf(row);
  const { text, bad } = outcomeOf(row);
  return (
    <>
      {text !== '' && <Badge tone={bad ? 'bad' : 'plain'}>{text}</Badge>}{' '}
      {mark !== undefined && <Badge tone={mark.role === 'origin' ? 'bad' : 'warn'}>{mark.text}</Badge>}
    </>
  );
}

function Detail({ loop, row, start }: InspectorProps): JSX.Element | null {
  switch (row.kind) {
    case 'exchange':
      return <ExchangeInspector loop={loop} exchange={row.exchange} failed={row.failure !== undefined} start={start} />;
    case 'command':
      return (
        <div class="panel">
          <CommandInspector command={row.command} start={start} />
        </div>
      );
    case 'attempt':
      return (
        <div class="panel">
          <Headers title="Headers of its answer" headers={row.attempt.headers ?? []} />
        </div>
      );
    case 'refused':
      return <p class="said">Envoy could not connect; nothing was said.</p>;
    case 'hole':
      return <p class="said">It was on the wire and is not in the recording. A replay that needs it says so.</p>;
  }
}

function factsOf(row: Row, start: number): readonly (readonly [string, string])[] {
  const times = [
    ['After', duration(row.startedAt - start)],
    ['Took', duration(row.endedAt - row.startedAt)],
  ] as const;
  switch (row.kind) {
    case 'exchange': {
      const { vantage, peer, protocol, details, end, attemptCount } = row.exchange;
      return [
        ...times,
        [
          'Seen at',
          `${vantage.instance}${vantage.version === undefined ? '' : ` ${vantage.version}`}, ${vantage.direction}`,
        ],
        ['Protocol', protocol],
        ...(vantage.direction === 'outbound' && peer.address !== undefined ? [['To', peer.address] as const] : []),
        ...(details === undefined || details === 'via_upstream' ? [] : [['Envoy says', details] as const]),
        ...(attemptCount === undefined ? [] : [['Attempts', String(attemptCount)] as const]),
        ...(end === 'closed' || end === 'cancelled' ? [] : [['Call ended', end] as const]),
      ];
    }
    case 'command': {
      const { vantage, peer, conversation } = row.command;
      return [...times, ['Seen at', vantage.instance], ['To', peer.address ?? peer.name], ['Connection', conversation]];
    }
    case 'attempt':
      return [...times, ['To', row.attempt.address ?? 'nowhere']];
    case 'refused':
    case 'hole':
      return row.kind === 'hole' ? [] : times;
  }
}
