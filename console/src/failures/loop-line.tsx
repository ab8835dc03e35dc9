import type { JSX } from 'preact';
import type { LoopSummary } from '../../../src/domain/loop.ts';
import { Badge } from '../ui/badge.tsx';
import { durationText } from '../ui/format.ts';
import { Time } from '../ui/time.tsx';

export const LOOP_COLUMNS = ['When', 'Loop', 'Entry', 'Status', 'Origin', 'Through', 'Took'] as const;

/** The cells of one loop, in the order of LOOP_COLUMNS. */
export function loopCells(loop: LoopSummary): readonly JSX.Element[] {
  const { id, startedAt, method, path, status, durationMs, services, service, origin, holes } = loop;
  return [
    <Time at={startedAt} as="clock" />,
    <a href={`/loops/${id}`} data-row class="mono">
      {id}
    </a>,
    <span class="mono" title={path}>
      <b>{service}</b> {method} {path}
    </span>,
    <Status loop={loop} status={status} />,
    <span title={origin?.summary}>{origin === undefined ? '–' : <OriginText {...origin} />}</span>,
    <span class="mono muted" title={holes.join('\n')}>
      {services.length > 3 ? `${services.length} services` : services.join(' ')}
      {holes.length > 0 && <Badge tone="warn">{holes.length === 1 ? 'hole' : `${holes.length} holes`}</Badge>}
    </span>,
    <span>{durationText(durationMs)}</span>,
  ];
}

function Status({ loop, status }: { readonly loop: LoopSummary; readonly status: number | undefined }): JSX.Element {
  const bad = loop.outcome === 'failed';
  return (
    <span class="status">
      <span class={`mono ${bad ? 'bad' : ''}`}>{status ?? '–'}</span>
      {loop.outcome === 'swallowed' && <Badge tone="warn">swallowed</Badge>}
    </span>
  );
}

function OriginText({ service, summary }: { readonly service: string; readonly summary: string }): JSX.Element {
  return (
    <>
      <b class="mono">{service}</b> {summary}
    </>
  );
}
