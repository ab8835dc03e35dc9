/** The service under replay, as a process inside the sandbox. */
import type { Isolation, LaunchedProcess } from '../isolate/isolation.ts';
import { ReplayError } from '../error.ts';
import type { PlacedSettings } from '../plan/settings.ts';
import { debuggableCommand, serviceEnvironment } from './environment.ts';
import { lastLines, waitUntilReady } from './ready.ts';
import type { TrustFiles } from './trust.ts';

export interface LaunchRequest {
  readonly isolation: Isolation;
  readonly settings: PlacedSettings;
  readonly trust: TrustFiles;
  readonly inheritedEnvironment: Readonly<Record<string, string | undefined>>;
  readonly debug: boolean;
  readonly output: (stream: 'stdout' | 'stderr', text: string) => void;
}

export interface RunningService {
  readonly debuggable: boolean;
  /** Resolves when it can take the trigger. `timeoutMs` undefined: as long as a person needs. Throws ReplayError `not-ready`. */
  ready(timeoutMs: number | undefined): Promise<void>;
  /** Fires when the process has ended. */
  readonly endedSignal: AbortSignal;
  /** Rejects with ReplayError `not-ready` when the process ends. */
  readonly ended: Promise<never>;
  exitCode(): number | null;
}

/** What is kept of its output for error messages, characters. */
const OUTPUT_KEPT = 64 * 1024;
const LONG_MS = 24 * 3_600_000;

/** Throws ReplayError `debugger` when a debugger is wanted and the command is none we can debug. */
export async function launchService(request: LaunchRequest): Promise<RunningService> {
  const { settings, isolation } = request;
  const { command, debuggable } = request.debug
    ? debuggableCommand(settings.run)
    : { command: settings.run, debuggable: false };
  if (request.debug && !debuggable) {
    throw new ReplayError(
      'debugger',
      `The command "${settings.run.join(' ')}" does not start node itself, so no debugger can be attached.`,
      '-- node <file>',
    );
  }
  let output = '';
  const launched = await isolation.launch(command, {
    cwd: settings.workingDirectory,
    env: serviceEnvironment({
      inherited: request.inheritedEnvironment,
      settings: settings.env,
      port: settings.port,
      ...request.trust,
    }),
    onOutput(stream, chunk) {
      const text = chunk.toString('utf8');
      output = (output + text).slice(-OUTPUT_KEPT);
      request.output(stream, text);
    },
  });
  return watch(launched, request, debuggable, () => output);
}

function watch(
  launched: LaunchedProcess,
  { settings, isolation }: LaunchRequest,
  debuggable: boolean,
  output: () => string,
): RunningService {
  const controller = new AbortController();
  let code: number | null = null;
  const ended = launched.exited.then((exit): never => {
    code = exit.code;
    controller.abort();
    const how = exit.signal === null ? `with code ${exit.code}` : `by ${exit.signal}`;
    throw new ReplayError(
      'not-ready',
      `The service ended ${how} before it was ready.${lastLines(output())}`,
      'Does it start outside the sandbox?',
    );
  });
  ended.catch(() => undefined); // Whoever waits for readiness sees it; afterwards the signal tells.
  return {
    debuggable,
    ready: (timeoutMs) =>
      waitUntilReady({
        connect: () => isolation.connect(settings.port),
        path: settings.ready,
        port: settings.port,
        ended,
        timeoutMs: timeoutMs ?? LONG_MS,
        output,
      }),
    endedSignal: controller.signal,
    ended,
    exitCode: () => code,
  };
}
