/** A capture as one timeline: what its user did, in order of time, and what is missing, where it is missing. */
import type { Capture } from '../../src/domain/capture.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import { captureState, selectorOf } from './capture.ts';
import { plainTable, printable } from './format.ts';
import { paint } from './paint.ts';

export function timelineLines(capture: Capture, loops: readonly LoopSummary[]): readonly string[] {
  return [
    `${paint.bold(capture.id)}  ${printable(selectorOf(capture))}  ${captureState(capture)}`,
    paint.dim(`${printable(capture.reason)} (${printable(capture.who || '?')})  ${bounds(capture)}`),
    '',
    ...table([...loops.map(loopEntry), ...capture.notes.map(noteEntry), ...edges(capture)]),
    '',
    ...(capture.leftOut === 0 ? [] : [paint.yellow(leftOut(capture.leftOut))]),
    summary(capture, loops),
  ];
}

interface Entry {
  readonly at: number;
  /** A loop's cells, or a remark over the whole line. */
  readonly cells?: readonly string[];
  readonly remark?: string;
}

function loopEntry(loop: LoopSummary): Entry {
  const failed = loop.origin === undefined ? '' : `${loop.outcome} at ${loop.origin.service}: ${loop.origin.summary}`;
  const holes = loop.holes.length === 0 ? '' : `not whole: ${loop.holes[0] ?? ''}${loop.holes.length > 1 ? ', …' : ''}`;
  const cells = [
    clock(loop.startedAt),
    `${loop.method} ${loop.path}`,
    String(loop.status ?? '-'),
    `${loop.durationMs.toFixed(0)} ms`,
    loop.services.join(' '),
    [failed, holes].filter((text) => text !== '').join('; '),
    loop.id,
  ];
  return { at: loop.startedAt, cells: cells.map((text) => printable(shorten(text))) };
}

function noteEntry({ at, what }: Capture['notes'][number]): Entry {
  return { at, remark: what };
}

function edges({ reachedBackTo, startedAt, endedAt, endedBy, lookBack }: Capture): readonly Entry[] {
  const from = lookBack && reachedBackTo !== undefined ? reachedBackTo : undefined;
  return [
    ...(from === undefined ? [] : [{ at: from - 0.001, remark: 'as far back as the recorder reached' }]),
    { at: startedAt, remark: lookBack ? 'the capture began' : 'the capture began, without a look back' },
    ...(endedAt === undefined ? [] : [{ at: endedAt, remark: `the capture ended: ${ENDS[endedBy ?? 'time']}` }]),
  ];
}

const ENDS: Readonly<Record<NonNullable<Capture['endedBy']>, string>> = {
  time: 'its time was over',
  bytes: 'its bytes were full',
  count: 'it had as many transactions as it may',
  stopped: 'somebody stopped it',
};

function table(entries: readonly Entry[]): readonly string[] {
  const sorted = entries.toSorted((one, other) => one.at - other.at);
  const rows = sorted.flatMap(({ cells }) => (cells === undefined ? [] : [cells]));
  const lines = plainTable(['AT', 'REQUEST', 'STATUS', 'TOOK', 'SERVICES', 'WHAT', 'LOOP'], rows).split('\n');
  const [head = '', ...body] = lines;
  const said = sorted.map(({ at, cells, remark }) =>
    cells === undefined ? paint.yellow(`${clock(at)}  -- ${printable(remark ?? '')}`) : (body.shift() ?? ''),
  );
  return [...(rows.length === 0 ? [] : [head]), ...said];
}

function summary({ failed, notWhole, bytes }: Capture, loops: readonly LoopSummary[]): string {
  const [first] = loops.filter(({ purpose }) => purpose === 'failure');
  const id = (first ?? loops[0])?.id;
  const counts = `${loops.length} transactions (${failed} failed, ${notWhole} not whole), ${bytes} bytes`;
  return id === undefined ? `Nothing was taken so far.` : `${counts}.  One of them:  loopctl show ${id}`;
}

function leftOut(count: number): string {
  return `left out: ${count} that show another user too. If one person has different ids in different places, name one place only in users.ids.`;
}

function bounds({ startedAt, until }: Capture): string {
  return `${new Date(startedAt).toISOString().slice(0, 19)} to ${new Date(until).toISOString().slice(0, 19)} UTC`;
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 23);
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
