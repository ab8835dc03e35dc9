import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { FingerprintSummary } from '../../../src/domain/fingerprint.ts';
import type { LoopSummary } from '../../../src/domain/loop.ts';
import { useAnswer } from '../api/use-answer.ts';
import { Answered } from '../ui/asked.tsx';
import { countText } from '../ui/format.ts';
import { LOOP_COLUMNS, loopCells } from './loop-line.tsx';
import { useLive } from './use-live.ts';

const SHOWN = 12;

/** The newest loops of one failure; how it counts is said where they are fewer than were seen. */
export function FailureLoops({ failure }: { readonly failure: FingerprintSummary }): JSX.Element {
  const { fingerprint } = failure;
  const input = useMemo(() => ({ purpose: 'failure' as const, fingerprint, limit: SHOWN }), [fingerprint]);
  const { asked, again } = useAnswer('listLoops', input);
  useLive(
    async (events) => {
      if (
        events.some((event) => event.kind === 'missed' || ('loop' in event && event.loop.fingerprint === fingerprint))
      )
        again();
    },
    [fingerprint],
  );
  return (
    <Answered asked={asked} again={again}>
      {({ loops }) => (
        <>
          <LoopTable loops={loops} />
          <More failure={failure} />
        </>
      )}
    </Answered>
  );
}

function LoopTable({ loops }: { readonly loops: readonly LoopSummary[] }): JSX.Element {
  return (
    <table class="table">
      <caption class="unseen">Newest loops of this failure</caption>
      <thead>
        <tr>
          {LOOP_COLUMNS.map((name) => (
            <th key={name} scope="col" class={name === 'Took' ? 'numeric' : undefined}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {loops.map((loop) => (
          <tr key={loop.id}>
            {loopCells(loop).map((cell, index) => (
              <td key={LOOP_COLUMNS[index]} class={LOOP_COLUMNS[index] === 'Took' ? 'numeric' : undefined}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function More({ failure: { fingerprint, seen, kept } }: { readonly failure: FingerprintSummary }): JSX.Element {
  return (
    <p class="more">
      <a href={`/?view=loops&fingerprint=${fingerprint}`}>All loops of this failure</a>
      {seen > kept && (
        <span class="muted">
          Seen {countText(seen)} times, {countText(kept)} of them kept whole: the others were over the budget of their
          hour (<code>loopsPerHour</code>).
        </span>
      )}
    </p>
  );
}
