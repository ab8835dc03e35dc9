/** The debugger's side of one replay: a forwarded port for a person, breakpoints for the terminal, or neither. */
import type { Isolation } from '../isolate/isolation.ts';
import { INSPECTOR_PORT } from '../launch/environment.ts';
import type { RunningService } from '../launch/service.ts';
import type { ReplayReport } from '../report/report.ts';
import { Breakpoints } from './breakpoints.ts';
import { inspectorListens } from './inspector.ts';
import type { BreakpointPlace } from './place.ts';
import type { Forward } from './forward.ts';
import { forwardPort } from './forward.ts';

export interface DebugRequest {
  readonly isolation: Isolation;
  readonly service: RunningService;
  readonly inspect: number | undefined;
  readonly breakpoints: readonly BreakpointPlace[];
  readonly waits: (port: number) => void;
}

export interface DebugSession {
  report(): ReplayReport['debugger'];
  close(): Promise<void>;
}

/**
 * The process waits before its first line until a debugger says run. With breakpoints alone that is us. With `inspect` it is the person's
 * debugger, which says so once its own breakpoints are set: the trigger follows readiness, so it is held until then. Throws ReplayError
 * `debugger`, or `not-ready` when the service ends meanwhile.
 */
export async function openDebugSession(request: DebugRequest): Promise<DebugSession> {
  if (!request.service.debuggable)
    return {
      report: () => ({ kind: 'none', bound: [], unbound: [], hits: 0, breakpoints: [] }),
      close: async () => undefined,
    };
  const connect = () => request.isolation.connect(INSPECTOR_PORT);
  const forward = await forwardPort(request.inspect ?? 0, connect);
  try {
    const { service } = request;
    await Promise.race([inspectorListens(connect, service.endedSignal), service.ended]);
    const breakpoints = await setBreakpoints(request, forward.port);
    if (request.inspect !== undefined) request.waits(forward.port);
    return { report: () => describe(forward, breakpoints), close: () => close(forward, breakpoints) };
  } catch (error) {
    forward.close();
    throw error;
  }
}

async function setBreakpoints(request: DebugRequest, port: number): Promise<Breakpoints | undefined> {
  const { service, breakpoints: places, inspect } = request;
  if (places.length === 0) return undefined;
  const attached = Breakpoints.attach(port, places, service.endedSignal);
  const breakpoints = await Promise.race([attached, service.ended]);
  if (inspect === undefined) await breakpoints.start();
  return breakpoints;
}

function describe(forward: Forward, breakpoints: Breakpoints | undefined): ReplayReport['debugger'] {
  return {
    kind: 'node',
    port: forward.port,
    bound: [...(breakpoints?.bound() ?? [])],
    unbound: [...(breakpoints?.unbound() ?? [])],
    hits: breakpoints?.hits() ?? 0,
    breakpoints: (breakpoints?.shown() ?? []).map((hit) => ({
      ...hit,
      locals: [...hit.locals],
      stack: [...hit.stack],
    })),
  };
}

async function close(forward: Forward, breakpoints: Breakpoints | undefined): Promise<void> {
  await breakpoints?.close();
  forward.close();
}
