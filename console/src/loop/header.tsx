import type { JSX } from 'preact';
import type { LoopSummary } from '../../../src/domain/loop.ts';
import type { LoopView } from '../../../src/seal/view-schema.ts';
import { requestOf } from '../../../src/api/client/call.ts';
import { useMay } from '../app/context.ts';
import { Badge, type Tone } from '../ui/badge.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { bytesText } from '../ui/format.ts';
import { Time } from '../ui/time.tsx';
import { replayCommand } from './copy/replay.ts';
import { Recorded } from './recorded-text.tsx';
import { duration } from './scale.ts';

const TONES: Readonly<Record<LoopSummary['outcome'], Tone>> = { failed: 'bad', swallowed: 'warn', good: 'good' };

/** What failed, where it began, what is missing, and how it is replayed. */
export function LoopHeader({ summary, view }: { readonly summary: LoopSummary; readonly view: LoopView }): JSX.Element {
  const { outcome, method, path, status, origin } = summary;
  return (
    <header class="loop-header">
      <div class="loop-title">
        <h1>
          <Recorded text={`${method} ${path}`} oneLine />{' '}
          <span class={outcome === 'good' ? '' : 'bad'}>{status ?? 'no answer'}</span>
        </h1>
        <Badge tone={TONES[outcome]}>{outcome}</Badge>
        <span class="spring" />
        <Actions summary={summary} />
      </div>
      {origin !== undefined && (
        <p class="loop-origin">
          <span aria-hidden="true">◆</span> Began at <b>{origin.service}</b>: <Recorded text={origin.summary} oneLine />
          {origin.certainty !== undefined && (
            <span class="muted"> (placed by values, certainty {origin.certainty.toFixed(2)})</span>
          )}
          <CauseOf view={view} exchange={origin.exchange} />
        </p>
      )}
      <About summary={summary} />
      <Holes holes={summary.holes} />
      <Replay summary={summary} />
    </header>
  );
}

/** A database's error within the origin says more than its status does. */
function CauseOf({ view, exchange }: { readonly view: LoopView; readonly exchange: string }): JSX.Element | null {
  const error = view.commands.findLast(
    (command) => command.exchange === exchange && command.error !== undefined && command.attribution !== 'candidate',
  );
  if (error?.error === undefined) return null;
  return (
    <span>
      {' '}
      after {error.protocol} <Recorded text={`${error.error.code} ${error.error.message}`} oneLine />
    </span>
  );
}

function Actions({ summary: { id } }: { readonly summary: LoopSummary }): JSX.Element {
  const mayExport = useMay('export');
  return (
    <>
      <a class="button small" href={`/loops/${id}/compare/exemplar`}>
        Compare with a good one
      </a>
      <a class="button small" href={requestOf('harOfLoop', { id }).path} download={`${id}.har`}>
        HAR
      </a>
      {mayExport && (
        <a class="button small" href={requestOf('recordingOfLoop', { id }).path} download={`${id}.loop`}>
          .loop
        </a>
      )}
    </>
  );
}

function About({ summary }: { readonly summary: LoopSummary }): JSX.Element {
  const { id, startedAt, durationMs, services, fingerprint, exchanges, commands, bytes } = summary;
  return (
    <p class="loop-facts muted">
      <code>{id}</code>
      <span>
        <Time at={startedAt} as="clock" /> (<Time at={startedAt} />)
      </span>
      <span>{duration(durationMs)}</span>
      <span>{services.join(', ')}</span>
      <span>
        {counted(exchanges, 'exchange')}, {counted(commands, 'command')}, {bytesText(bytes)}
      </span>
      {fingerprint !== undefined && (
        <a href={`/?fingerprint=${fingerprint}`} title="All failures of this fingerprint">
          {fingerprint}
        </a>
      )}
    </p>
  );
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function Holes({ holes }: { readonly holes: readonly string[] }): JSX.Element | null {
  if (holes.length === 0) return null;
  return (
    <ul class="loop-holes" aria-label="What is missing">
      {holes.map((hole, index) => (
        <li key={index}>
          missing: <Recorded text={hole} oneLine />
        </li>
      ))}
    </ul>
  );
}

function Replay({ summary: { id, origin, service } }: { readonly summary: LoopSummary }): JSX.Element {
  const command = replayCommand(id, location.origin);
  return (
    <div class="command">
      <pre tabIndex={0} aria-label="Command that replays it">
        {command}
        <i class="muted">&lt;command that starts {origin?.service ?? service}&gt;</i>
      </pre>
      <CopyButton text={command} label="Copy replay" />
    </div>
  );
}
