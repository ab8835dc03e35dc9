/** The debugger's side of one replay: a forwarded port for a person, breakpoints for the terminal, or neither. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Socket } from 'node:net';
import { ReplayError } from '../error.ts';
import type { Isolation } from '../isolate/isolation.ts';
import type { RunningService } from '../launch/service.ts';
import type { RuntimeName } from '../launch/runtime/runtime.ts';
import type { ReplayReport } from '../report/report.ts';
import type { StageTime } from '../time/stage-time.ts';
import type { AttachHelp, DebugClient, DebuggedService, Debugger, PauseWatcher } from './debugger.ts';
import type { Forward } from './forward.ts';
import { forwardPort } from './forward.ts';
import type { BreakpointPlace } from './place.ts';

/** What a person asks for. */
export interface DebugWish {
  /** What the service is written in; undefined: as its command tells. */
  readonly runtime?: RuntimeName | undefined;
  /** Port of this machine for a person's debugger, 0 for any, 'usual' for the one their tools try first; undefined: none. */
  readonly inspect?: number | 'usual' | undefined;
  readonly breakpoints: readonly BreakpointPlace[];
  readonly onThrow: boolean;
}

export function wantsDebugger({ inspect, breakpoints, onThrow }: DebugWish): boolean {
  return inspect !== undefined || breakpoints.length > 0 || onThrow;
}

export interface DebugRequest {
  readonly wish: DebugWish;
  readonly debugger: Debugger;
  readonly isolation: Isolation;
  readonly service: RunningService;
  readonly debugged: DebuggedService;
  readonly time: StageTime;
  /** A person's debugger can come now. */
  readonly waits: (port: number, help: AttachHelp) => void;
}

export interface DebugSession {
  report(): ReplayReport['debugger'];
  /** The service's, where another process was launched, whose own is `launched`; null: nobody told it. */
  exitCode(launched: number | null): number | null;
  close(): Promise<void>;
}

export const NO_SESSION: DebugSession = {
  report: () => ({ kind: 'none', bound: [], unbound: [], hits: 0, breakpoints: [] }),
  exitCode: (launched) => launched,
  close: async () => undefined,
};

/**
 * The process waits before its first line until a debugger says run. With breakpoints alone that is us. With `inspect` it is the person's
 * debugger, which says so once its own breakpoints are set: the trigger follows readiness, so it is held until then. Throws ReplayError
 * `debugger`, or `not-ready` when the service ends meanwhile.
 */
export async function openDebugSession(request: DebugRequest): Promise<DebugSession> {
  const { wish, time, service, debugged } = request;
  mayShare(request);
  const debuggee = () => request.isolation.connect(request.debugger.port);
  let kept: Socket | undefined;
  const connect = async (): Promise<Socket> => {
    const first = kept;
    kept = undefined;
    return first === undefined || first.destroyed ? debuggee() : first;
  };
  const port = wish.inspect === 'usual' ? request.debugger.usualPort : (wish.inspect ?? 0);
  const { promise: opens, resolve: open } = Promise.withResolvers<void>();
  let told: number | null = null;
  const watch = (): PauseWatcher => request.debugger.watch(time, (code) => (told = code));
  const forward = await forwardPort(port, connect, { opens, watch });
  try {
    const probe = await Promise.race([debuggeeListens(debuggee, service.endedSignal, time), service.ended]);
    if (request.debugger.takes === 'one-connection') kept = probe;
    else probe.destroy();
    open();
    const client = await setBreakpoints(request, forward.port);
    if (wish.inspect !== undefined) request.waits(forward.port, request.debugger.attachHelp(forward.port, debugged));
    return {
      report: () => describe(request.debugger.runtime, forward, client),
      exitCode: (launched) => (request.debugger.runs === undefined ? launched : told),
      close: () => close(forward, client),
    };
  } catch (error) {
    await forward.close();
    throw error;
  }
}

async function setBreakpoints(request: DebugRequest, port: number): Promise<DebugClient | undefined> {
  const { service, wish, debugged, time } = request;
  const { breakpoints, onThrow, inspect } = wish;
  if (breakpoints.length === 0 && !onThrow) return undefined;
  const limit = new AbortController();
  const late = time.after(ATTACH_MS, () => limit.abort());
  const over = AbortSignal.any([service.endedSignal, limit.signal]);
  const attached = request.debugger.client({ port, breakpoints, onThrow, service: debugged, time, over });
  const set = async (): Promise<DebugClient> => {
    const client = await attached;
    if (inspect === undefined) await client.start();
    return client;
  };
  try {
    return await Promise.race([set(), service.ended, whenLate(limit.signal)]);
  } catch (error) {
    attached.then((client) => client.close()).catch(() => undefined);
    throw error;
  } finally {
    late();
  }
}

/** gdb reads all symbols of a large program first. */
const ATTACH_MS = 60_000;

/** Throws ReplayError `debugger` when the signal fires. */
function whenLate(limit: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    limit.addEventListener('abort', () => reject(slow()), { once: true });
  });
}

function slow(): ReplayError {
  return new ReplayError(
    'debugger',
    `The service's debugger took us in, and the breakpoints were not set within ${ATTACH_MS / 1000} s.`,
    'Does a debugger of yours work with the service outside the sandbox?',
  );
}

const LISTENS_MS = 15_000;
const POLL_MS = 25;

function mayShare({ debugger: { takes, runtime }, wish: { inspect, breakpoints, onThrow } }: DebugRequest): void {
  if (takes === undefined || inspect === undefined || (breakpoints.length === 0 && !onThrow)) return;
  throw new ReplayError(
    'debugger',
    `A ${runtime} service takes one debugger at a time: yours by --inspect, or ours by --break.`,
    'Leave out --inspect, or set the breakpoints in your own debugger.',
  );
}

/** The first connection the debuggee takes: whoever is told of it may come at once. Throws ReplayError `debugger`. */
async function debuggeeListens(connect: () => Promise<Socket>, over: AbortSignal, time: StageTime): Promise<Socket> {
  const deadline = AbortSignal.any([over, time.deadline(LISTENS_MS)]);
  for (;;) {
    try {
      const socket = await connect();
      return socket.on('error', () => socket.destroy());
    } catch (cause) {
      if (deadline.aborted) throw silent(cause);
      await delay(POLL_MS);
    }
  }
}

function silent(cause: unknown): ReplayError {
  return new ReplayError(
    'debugger',
    `The service's debugger did not answer within ${LISTENS_MS / 1000} s.`,
    'Does the command start the service itself? Only then can it be told to wait.',
    { cause },
  );
}

function describe(kind: RuntimeName, forward: Forward, client: DebugClient | undefined): ReplayReport['debugger'] {
  return {
    kind,
    port: forward.port,
    bound: [...(client?.bound() ?? [])],
    unbound: [...(client?.unbound() ?? [])],
    hits: client?.hits() ?? 0,
    breakpoints: (client?.shown() ?? []).map((hit) => ({ ...hit, locals: [...hit.locals], stack: [...hit.stack] })),
  };
}

async function close(forward: Forward, client: DebugClient | undefined): Promise<void> {
  await client?.close();
  await forward.close();
}
