/** The service under replay, as a process inside the sandbox. */
import type { Isolation, LaunchedProcess } from '../isolate/isolation.ts';
import { ReplayError } from '../error.ts';
import type { PlacedSettings } from '../plan/settings.ts';
import type { StageTime } from '../time/stage-time.ts';
import { lastLines, linesOf, waitUntilReady } from './ready.ts';

export interface LaunchRequest {
  readonly isolation: Isolation;
  readonly settings: PlacedSettings;
  /** As it is run, everything put together. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly time: StageTime;
  readonly output: (stream: 'stdout' | 'stderr', text: string) => void;
}

export interface RunningService {
  /** Resolves when it can take the trigger. `timeoutMs` undefined: as long as a person needs. Throws ReplayError `not-ready`. */
  ready(timeoutMs: number | undefined): Promise<void>;
  /** What could not be had for it, one sentence each. */
  readonly limits: readonly string[];
  /** Fires when the process has ended. */
  readonly endedSignal: AbortSignal;
  /** Rejects with ReplayError `not-ready` when the process ends. */
  readonly ended: Promise<never>;
  exitCode(): number | null;
  /** Undefined while it runs. */
  ending(): Ending | undefined;
}

export interface Ending {
  /** `with code 3`, `by SIGKILL`. */
  readonly how: string;
  /** What it printed last. */
  readonly lastLines: readonly string[];
}

/** What is kept of its output for error messages, characters. */
const OUTPUT_KEPT = 64 * 1024;
const LONG_MS = 24 * 3_600_000;

export async function launchService(request: LaunchRequest): Promise<RunningService> {
  const { settings, isolation, command, env } = request;
  let output = '';
  const launched = await isolation.launch(command, {
    cwd: settings.workingDirectory,
    env,
    onOutput(stream, chunk) {
      const text = chunk.toString('utf8');
      output = (output + text).slice(-OUTPUT_KEPT);
      request.output(stream, text);
    },
  });
  return { ...watch(launched, request, () => output), limits: launched.limits ?? [] };
}

function watch(
  launched: LaunchedProcess,
  { settings, isolation, time }: LaunchRequest,
  output: () => string,
): Omit<RunningService, 'limits'> {
  const controller = new AbortController();
  let code: number | null = null;
  let ending: Ending | undefined;
  let wasReady = false;
  const ended = launched.exited.then((exit): never => {
    code = exit.code;
    controller.abort();
    const how = exit.signal === null ? `with code ${exit.code}` : `by ${exit.signal}`;
    ending = { how, lastLines: linesOf(output()) };
    throw new ReplayError(
      'not-ready',
      `The service ended ${how} ${wasReady ? 'after' : 'before'} it was ready.${lastLines(output())}`,
      'Does it start outside the sandbox?',
    );
  });
  ended.catch(() => undefined); // Whoever waits for readiness sees it; afterwards the signal tells.
  return {
    async ready(timeoutMs) {
      await waitUntilReady({
        connect: () => isolation.connect(settings.port),
        path: settings.ready,
        port: settings.port,
        ended,
        timeoutMs: timeoutMs ?? LONG_MS,
        time,
        output,
      });
      wasReady = true;
    },
    endedSignal: controller.signal,
    ended,
    exitCode: () => code,
    ending: () => ending,
  };
}
