/** Breakpoints in a Node process, over the Chrome DevTools Protocol. */
import { setTimeout as delay } from 'node:timers/promises';
import CDP from 'chrome-remote-interface';
import type { Protocol } from 'devtools-protocol';
import { ReplayError } from '../error.ts';
import type { Local } from './locals.ts';
import { readLocals } from './locals.ts';

export interface BreakpointPlace {
  /** A path, or the end of one: `src/allocate.js`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export interface BreakpointHit extends BreakpointPlace {
  /** The line's text, trimmed. */
  readonly source: string;
  readonly function: string;
  readonly locals: readonly Local[];
  /** `function (file:line)`, innermost first. */
  readonly stack: readonly string[];
}

/** Hits beyond this are passed without a look, so that a line in a hot loop does not stop the replay for hours. */
const HITS_SHOWN = 20;
const ATTACH_TIMEOUT_MS = 15_000;
const STACK_SHOWN = 8;

/** `file.js:12` → place; undefined for anything else. */
export function parsePlace(text: string): BreakpointPlace | undefined {
  const [, file, line] = /^(.+):(\d+)$/.exec(text) ?? [];
  return file === undefined || Number(line) < 1 ? undefined : { file, line: Number(line) };
}

export interface Attached {
  /** Breakpoints whose file was loaded and whose line has code, so far. */
  bound(): readonly BreakpointPlace[];
  /** How often any was hit, shown or not. */
  hits(): number;
  /** Lets the process run: it was waiting for the debugger. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Attaches to the inspector behind `port` on loopback and sets the breakpoints. Throws ReplayError `debugger`. */
export async function attachBreakpoints(port: number, places: readonly BreakpointPlace[], onHit: (hit: BreakpointHit) => void): Promise<Attached> {
  const client = await attach(port);
  const bound = new Map<string, BreakpointPlace>();
  const byId = new Map<string, BreakpointPlace>();
  let hits = 0;
  client.on('Debugger.breakpointResolved', ({ breakpointId }) => {
    const place = byId.get(breakpointId);
    if (place !== undefined) bound.set(breakpointId, place);
  });
  client.on('Debugger.paused', (event) => {
    if (!event.hitBreakpoints?.some((id) => byId.has(id))) return; // Another debugger's pause: its person decides.
    hits += 1;
    const look = hits <= HITS_SHOWN ? describeHit(client, event, places).then((hit) => hit && onHit(hit)) : Promise.resolve();
    void look.catch(() => undefined).then(() => client.Debugger.resume({})).catch(() => undefined); // Both fail only when the process is gone.
  });
  await client.Runtime.enable();
  await client.Debugger.enable({});
  for (const place of places) {
    const { breakpointId, locations } = await client.Debugger.setBreakpointByUrl({ lineNumber: place.line - 1, urlRegex: `${endOf(place.file)}$` });
    byId.set(breakpointId, place);
    if (locations.length > 0) bound.set(breakpointId, place);
  }
  return {
    bound: () => [...bound.values()],
    hits: () => hits,
    start: () => client.Runtime.runIfWaitingForDebugger(),
    close: () => client.close(),
  };
}

async function attach(port: number): Promise<CDP.Client> {
  const deadline = AbortSignal.timeout(ATTACH_TIMEOUT_MS);
  for (;;) {
    try {
      return await CDP({ host: '127.0.0.1', port });
    } catch (error) {
      if (deadline.aborted) {
        throw new ReplayError('debugger', `The service's inspector did not answer within ${ATTACH_TIMEOUT_MS / 1000} s.`, 'Does the command start node itself? Only then can it be told to wait.', { cause: error });
      }
      await delay(25);
    }
  }
}

async function describeHit(client: CDP.Client, event: Protocol.Debugger.PausedEvent, places: readonly BreakpointPlace[]): Promise<BreakpointHit | undefined> {
  const [frame] = event.callFrames;
  if (frame === undefined) return undefined;
  const line = frame.location.lineNumber + 1;
  const file = pathOfUrl(frame.url);
  const place = places.find((candidate) => file.endsWith(candidate.file.replace(/^\.\//, ''))) ?? { file, line };
  const { scriptSource } = await client.Debugger.getScriptSource({ scriptId: frame.location.scriptId });
  return {
    file: place.file,
    line,
    source: scriptSource.split('\n')[line - 1]?.trim() ?? '',
    function: frame.functionName,
    locals: await readLocals(client, frame),
    stack: event.callFrames.slice(0, STACK_SHOWN).map((each) => `${each.functionName || '(anonymous)'} (${pathOfUrl(each.url)}:${each.location.lineNumber + 1})`),
  };
}

function pathOfUrl(url: string): string {
  return url.replace(/^file:\/\//, '');
}

function endOf(file: string): string {
  const tail = file.replace(/^\.?\//, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return `(?:^|/)${tail}`;
}
