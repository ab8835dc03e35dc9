/** Waits until the service can take the trigger. */
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from '../node-http.ts';
import { ReplayError } from '../error.ts';
import type { StageTime } from '../time/stage-time.ts';

export interface ReadyOptions {
  readonly connect: () => Promise<Socket>;
  /** Path that answers 2xx; without it an accepted connection is enough. */
  readonly path: string | undefined;
  readonly port: number;
  /** Rejects when the service has ended. */
  readonly ended: Promise<never>;
  /** Milliseconds of `time`. */
  readonly timeoutMs: number;
  readonly time: StageTime;
  /** What it printed so far, for the error. */
  readonly output: () => string;
}

const POLL_MS = 25;

/** Throws ReplayError `not-ready` with the last lines the service printed. */
export async function waitUntilReady(options: ReadyOptions): Promise<void> {
  const deadline = options.time.deadline(options.timeoutMs);
  while (!deadline.aborted) {
    if (await Promise.race([isReady(options, deadline), options.ended])) return;
    await Promise.race([delay(POLL_MS), options.ended]);
  }
  const what =
    options.path === undefined
      ? `does not accept connections on port ${options.port}`
      : `does not answer GET ${options.path} on port ${options.port} with 2xx`;
  throw new ReplayError(
    'not-ready',
    `The service ${what} after ${options.timeoutMs / 1000} s.${lastLines(options.output())}`,
    'Check port and ready in loop.yaml; --ready-timeout waits longer.',
  );
}

export function lastLines(output: string): string {
  const lines = linesOf(output);
  return lines.length === 0 ? ' It printed nothing.' : `\nIts last lines:\n${lines.join('\n')}`;
}

const LINES_KEPT = 10;

/** The last ones. */
export function linesOf(output: string): readonly string[] {
  const text = output.trimEnd();
  return text === '' ? [] : text.split('\n').slice(-LINES_KEPT);
}

/** False at the latest when `deadline` fires: a service may accept and never answer. */
async function isReady(options: ReadyOptions, deadline: AbortSignal): Promise<boolean> {
  const over = Promise.withResolvers<undefined>();
  const leave = (): void => over.resolve(undefined);
  deadline.addEventListener('abort', leave, { once: true });
  const probing = new AbortController();
  try {
    return (await Promise.race([probe(options, probing.signal), over.promise])) ?? false;
  } finally {
    deadline.removeEventListener('abort', leave);
    probing.abort();
  }
}

async function probe(options: ReadyOptions, over: AbortSignal): Promise<boolean> {
  const socket = await options.connect().catch(() => undefined);
  if (socket === undefined) return false;
  if (over.aborted) socket.destroy();
  over.addEventListener('abort', () => socket.destroy(), { once: true });
  if (options.path === undefined) {
    socket.destroy();
    return true;
  }
  return answersWell(socket, options.path);
}

function answersWell(socket: Socket, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(
      { createConnection: () => socket, path, headers: { host: 'localhost', connection: 'close' } },
      (response) => {
        response.resume();
        const status = response.statusCode ?? 500;
        resolve(status >= 200 && status < 300);
      },
    );
    asked.on('error', () => resolve(false));
    asked.on('close', () => socket.destroy());
    asked.end();
    socket.resume();
  });
}
