import type { JSX } from 'preact';
import type { Comparison } from '../../../src/api/contract/results.ts';
import type { LoopSummary } from '../../../src/domain/loop.ts';
import { useAnswer } from '../api/use-answer.ts';
import { Recorded } from '../loop/recorded-text.tsx';
import { duration } from '../loop/scale.ts';
import type { PageProps } from '../shell/routes.ts';
import { useQuery } from '../shell/router.ts';
import { Answered } from '../ui/asked.tsx';
import { Badge } from '../ui/badge.tsx';
import { Empty } from '../ui/empty.tsx';
import { Time } from '../ui/time.tsx';
import './compare.css';
import { countsOf, shownPairs } from './names.ts';
import { PairView } from './pair.tsx';

/** Two loops side by side, or a loop and a good transaction of its route. `noise` in the address shows what is made anew each time. */
export function ComparePage({ params }: PageProps): JSX.Element {
  const { asked, again } = useAnswer('compareLoops', { id: params['id'] ?? '', other: params['other'] ?? '' });
  return (
    <Answered asked={asked} again={again}>
      {(comparison) => <Compared comparison={comparison} />}
    </Answered>
  );
}

function Compared({ comparison }: { readonly comparison: Comparison }): JSX.Element {
  const { query, set } = useQuery();
  const noise = query.has('noise');
  const pairs = shownPairs(comparison, { noise });
  const { left, right, notes } = comparison;
  return (
    <div class="compare">
      <Head
        comparison={comparison}
        noise={noise}
        setNoise={(on) => set({ noise: on ? '1' : undefined }, { replace: true })}
      />
      <div class="sides">
        <Side name="Left" loop={left} />
        <Side name="Right" loop={right} />
      </div>
      {notes.map((note) => (
        <p key={note} class="said">
          {note}
        </p>
      ))}
      {pairs.length === 0 ? (
        <Empty title="Nothing but noise differs">
          <p>All {comparison.pairs.length} pairs say the same but for times and values that are made anew.</p>
        </Empty>
      ) : (
        <ol class="pairs">
          {pairs.map(({ pair, differences }, index) => (
            <PairView key={index} pair={pair} differences={differences} left={left.id} right={right.id} />
          ))}
        </ol>
      )}
    </div>
  );
}

interface HeadProps {
  readonly comparison: Comparison;
  readonly noise: boolean;
  readonly setNoise: (noise: boolean) => void;
}

function Head({ comparison, noise, setNoise }: HeadProps): JSX.Element {
  return (
    <header class="compare-header">
      <h1>Compare</h1>
      <span class="muted">{countsOf(comparison)}</span>
      <span class="spring" />
      <label>
        <input type="checkbox" checked={noise} onChange={() => setNoise(!noise)} /> Show noise: times, new ids, what is
        redacted in both
      </label>
    </header>
  );
}

function Side({ name, loop }: { readonly name: string; readonly loop: LoopSummary }): JSX.Element {
  const { id, method, path, status, outcome, startedAt, durationMs, purpose, origin } = loop;
  return (
    <section>
      <h2>
        <span class="muted">{name}</span> <a href={`/loops/${id}`}>{id}</a>{' '}
        <Badge tone={outcome === 'good' ? 'good' : outcome === 'failed' ? 'bad' : 'warn'}>
          {purpose === 'exemplar' ? 'good one' : outcome}
        </Badge>
      </h2>
      <p class="mono">
        <Recorded text={`${method} ${path}`} oneLine /> {status ?? 'no answer'}
      </p>
      <p class="muted">
        <Time at={startedAt} as="clock" />, {duration(durationMs)}
        {origin !== undefined && `, began at ${origin.service}`}
      </p>
    </section>
  );
}
