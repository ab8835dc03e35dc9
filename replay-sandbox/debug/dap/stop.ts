/** What is seen where a service has stopped. */
import type { BreakpointHit } from '../debugger.ts';
import type { BreakpointPlace } from '../place.ts';
import { sourceLine } from '../source-text.ts';
import type { DapConnection } from './connection.ts';
import type { Dialect } from './dialect.ts';
import { readLocals } from './locals.ts';
import type { DapFrame, Stopped } from './messages.ts';
import { EXCEPTION, SCOPES, STACK, VARIABLES } from './messages.ts';

/** Runtimes stand several frames of their own deep where something is thrown. */
const STACK_READ = 32;
const STACK_SHOWN = 8;

export interface Stop {
  readonly adapter: DapConnection;
  readonly event: Stopped;
  /** By what the adapter calls them. */
  readonly places: ReadonlyMap<number, BreakpointPlace>;
  readonly dialect: Dialect;
  /** Files elsewhere are not read. */
  readonly projectDirectory: string;
}

/** What was thrown, and through which frames it will pass. */
export interface Throw {
  readonly text: string;
  readonly threadId: number;
  readonly callers: readonly string[];
}

interface Seen {
  readonly thrown: Throw | undefined;
  show(): Promise<BreakpointHit>;
}

/** Undefined: nobody asked for this stop, or it is the last exception once more, on its way up through its callers. */
export async function lookAt(stop: Stop, lastThrow: Throw | undefined): Promise<Seen | undefined> {
  const { adapter, event, dialect } = stop;
  const { threadId } = event;
  const { stackFrames } = await adapter.request('stackTrace', { threadId, levels: STACK_READ }, STACK);
  const frames = stackFrames.slice(
    Math.max(
      0,
      stackFrames.findIndex((frame) => !dialect.isInternal(frame)),
    ),
  );
  const [frame] = frames;
  if (frame === undefined) return undefined;
  const place = event.hitBreakpointIds.map((id) => stop.places.get(id)).find((known) => known !== undefined);
  const text = place === undefined ? await thrownText(stop, stackFrames) : undefined;
  if (place === undefined && text === undefined) return undefined;
  const thrown = text === undefined ? undefined : { text, threadId, callers: frames.slice(1).map(function_) };
  if (thrown !== undefined && isSame(thrown, frame, lastThrow)) return undefined;
  return { thrown: thrown ?? lastThrow, show: () => show(stop, frames, { place, text }) };
}

function isSame({ text, threadId }: Throw, frame: DapFrame, last: Throw | undefined): boolean {
  return last?.text === text && last.threadId === threadId && last.callers.includes(function_(frame));
}

function function_({ name, source }: DapFrame): string {
  return `${name} ${source?.path ?? ''}`;
}

async function thrownText({ adapter, event, dialect }: Stop, frames: readonly DapFrame[]): Promise<string | undefined> {
  const { throws } = dialect;
  const [top] = frames;
  if (throws.by === 'filter') {
    if (event.reason !== 'exception') return undefined;
    const { exceptionId, description } = await adapter.request(
      'exceptionInfo',
      { threadId: event.threadId },
      EXCEPTION,
    );
    return description === undefined || description === '' ? exceptionId : `${exceptionId}: ${description}`;
  }
  if (top?.name !== throws.function) return undefined;
  const { scopes } = await adapter.request('scopes', { frameId: top.id }, SCOPES);
  for (const { variablesReference } of scopes) {
    const { variables } = await adapter.request('variables', { variablesReference }, VARIABLES);
    const argument = variables.find(({ name }) => name === throws.argument);
    if (argument !== undefined) return isReadable(argument.value) ? argument.value : raiser(frames, dialect);
  }
  return undefined;
}

/** Delve 1.27 reads no interfaces of Go 1.26: `(unreadable error loading module data: …)`. */
function isReadable(value: string): boolean {
  return !value.startsWith('(unreadable');
}

/** What of the runtime was called by the service's own code says the kind, as `runtime.panicdivide` does. */
function raiser(frames: readonly DapFrame[], dialect: Dialect): string {
  const own = frames.findIndex((frame) => !dialect.isInternal(frame));
  return `${frames[own - 1]?.name ?? ''} (the debugger cannot read its value)`.trim();
}

async function show(
  { adapter, dialect, projectDirectory }: Stop,
  frames: readonly DapFrame[],
  why: { readonly place: BreakpointPlace | undefined; readonly text: string | undefined },
): Promise<BreakpointHit> {
  const [frame] = frames;
  if (frame === undefined) return { file: '', line: 0, source: '', function: '', locals: [], stack: [] };
  const path = frame.source?.path ?? '';
  return {
    ...(why.text !== undefined && { thrown: why.text }),
    file: why.place?.file ?? path,
    line: frame.line,
    source: await sourceLine(path, frame.line, projectDirectory),
    function: frame.name,
    locals: await readLocals(adapter, frame.id, dialect),
    stack: frames.slice(0, STACK_SHOWN).map(({ name, source, line }) => `${name} (${source?.path ?? '?'}:${line})`),
  };
}
