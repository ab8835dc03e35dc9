import type { JSX } from 'preact';
import type { ComparedPair, Difference } from '../../../src/api/contract/results.ts';
import { Recorded } from '../loop/recorded-text.tsx';
import { Badge, type Tone } from '../ui/badge.tsx';
import { VERDICT_WORDS } from './names.ts';

const TONES: Readonly<Record<ComparedPair['verdict'], Tone>> = {
  same: 'plain',
  differs: 'warn',
  'only-left': 'bad',
  'only-right': 'bad',
};

export interface PairViewProps {
  readonly pair: ComparedPair;
  readonly differences: readonly Difference[];
  /** Ids of the loops. */
  readonly left: string;
  readonly right: string;
}

/** One hop on both sides, and what differs. */
export function PairView({ pair, differences, left, right }: PairViewProps): JSX.Element {
  return (
    <li class={`pair ${pair.verdict}`}>
      <h3>
        <Badge tone={TONES[pair.verdict]}>{VERDICT_WORDS[pair.verdict]}</Badge> <Recorded text={pair.hop} oneLine />
        <span class="spring" />
        <Place loop={left} at={pair.left} side="left" />
        <Place loop={right} at={pair.right} side="right" />
      </h3>
      {differences.length > 0 && (
        <table class="differences">
          <caption class="unseen">What differs</caption>
          <thead class="unseen">
            <tr>
              <th scope="col">Where</th>
              <th scope="col">Left</th>
              <th scope="col">Right</th>
            </tr>
          </thead>
          <tbody>
            {differences.map((difference, index) => (
              <Row key={index} difference={difference} />
            ))}
          </tbody>
        </table>
      )}
      {pair.more !== undefined && pair.more > 0 && <p class="muted">{pair.more} more differences are not listed.</p>}
    </li>
  );
}

function Place({
  loop,
  at,
  side,
}: {
  readonly loop: string;
  readonly at: string | undefined;
  readonly side: string;
}): JSX.Element | null {
  if (at === undefined) return null;
  return (
    <a href={`/loops/${loop}?at=${encodeURIComponent(at)}`} aria-label={`Open ${side}`}>
      {side}
    </a>
  );
}

function Row({ difference: { path, left, right, kind } }: { readonly difference: Difference }): JSX.Element {
  return (
    <tr class={kind}>
      <th scope="row">
        <Recorded text={path} oneLine />
        {(kind === 'noise' || kind === 'hidden') && <span class="muted"> {kind}</span>}
      </th>
      <td>
        <Value text={left} />
      </td>
      <td>
        <Value text={right} />
      </td>
    </tr>
  );
}

function Value({ text }: { readonly text: string | undefined }): JSX.Element {
  return text === undefined ? <i class="muted">not there</i> : <Recorded text={text} />;
}
