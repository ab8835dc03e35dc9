/** The debugger's side of one replay: a forwarded port for a person, breakpoints for the terminal, or neither. */
import type { Isolation } from '../isolate/isolation.ts';
import { INSPECTOR_PORT } from '../launch/environment.ts';
import type { RunningService } from '../launch/service.ts';
import type { ReplayReport } from '../report/report.ts';
import type { Attached, BreakpointHit, BreakpointPlace } from './breakpoints.ts';
import { attachBreakpoints } from './breakpoints.ts';
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
 * debugger, which says so once its own breakpoints are set: the trigger follows readiness, so it is held until then.
 */
export async function openDebugSession(request: DebugRequest): Promise<DebugSession> {
  if (!request.service.debuggable) return { report: () => ({ kind: 'none', bound: [], hits: 0, breakpoints: [] }), close: async () => undefined };
  const forward = await forwardPort(request.inspect ?? 0, () => request.isolation.connect(INSPECTOR_PORT));
  const hits: BreakpointHit[] = [];
  const attached = request.breakpoints.length === 0 ? undefined : await attachBreakpoints(forward.port, request.breakpoints, (hit) => hits.push(hit));
  if (request.inspect === undefined) await attached?.start();
  else request.waits(forward.port);
  return { report: () => describe(forward, attached, hits), close: () => close(forward, attached) };
}

function describe(forward: Forward, attached: Attached | undefined, hits: readonly BreakpointHit[]): ReplayReport['debugger'] {
  return {
    kind: 'node',
    port: forward.port,
    bound: (attached?.bound() ?? []).map(({ file, line }) => ({ file, line })),
    hits: attached?.hits() ?? 0,
    breakpoints: hits.map((hit) => ({ ...hit, locals: [...hit.locals], stack: [...hit.stack] })),
  };
}

async function close(forward: Forward, attached: Attached | undefined): Promise<void> {
  await attached?.close().catch(() => undefined); // The process may be gone already.
  forward.close();
}
