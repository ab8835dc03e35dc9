import type { JSX } from 'preact';
import type { LoopSummary } from '../../../src/domain/loop.ts';
import { Badge } from '../ui/badge.tsx';
import { durationText } from '../ui/format.ts';
import { Time } from '../ui/time.tsx';
import type { Entry } from './timeline.ts';
import { troubleOf } from './timeline.ts';

const COLUMNS = ['At', 'Request', 'Status', 'Took', 'Services', 'What happened'];

export function TimelineTable({ entries }: { readonly entries: readonly Entry[] }): JSX.Element {
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label="What the user did, by time">
      <table class="table timeline">
        <caption class="unseen">What the user did, by time</caption>
        <thead>
          <tr>
            {COLUMNS.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{entries.map((entry) => row(entry))}</tbody>
      </table>
    </div>
  );
}

function row(entry: Entry): JSX.Element {
  if (entry.kind === 'loop') return <LoopRow key={entry.loop.id} loop={entry.loop} before={entry.before} />;
  return (
    <tr key={`${entry.at} ${entry.text}`} class={entry.kind}>
      <td>
        <Time at={entry.at} as="clock" />
      </td>
      <td colSpan={COLUMNS.length - 1}>
        {entry.kind === 'hole' && <Badge tone="warn">missing</Badge>} {entry.text}
      </td>
    </tr>
  );
}

function LoopRow({ loop, before }: { readonly loop: LoopSummary; readonly before: boolean }): JSX.Element {
  const { id, startedAt, method, path, status, durationMs, services, outcome, holes } = loop;
  return (
    <tr class={`of-${outcome}`}>
      <td>
        <Time at={startedAt} as="clock" />
      </td>
      <td class="mono">
        <a href={`/loops/${id}`}>
          {method} {path}
        </a>
      </td>
      <td class="numeric">{status ?? '–'}</td>
      <td class="numeric">{durationText(durationMs)}</td>
      <td>{services.join(' ')}</td>
      <td>
        {before && <Badge tone="info">before</Badge>} <Outcome loop={loop} /> {troubleOf(loop)}
        {holes.length > 0 && (
          <p>
            <Badge tone="warn">not whole</Badge> {holes.join(' ')}
          </p>
        )}
      </td>
    </tr>
  );
}

function Outcome({ loop: { outcome } }: { readonly loop: LoopSummary }): JSX.Element | null {
  if (outcome === 'good') return null;
  return outcome === 'failed' ? <Badge tone="bad">failed</Badge> : <Badge tone="warn">recovered</Badge>;
}
