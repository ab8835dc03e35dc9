/** The API of a loopd, from afar. */
import { Agent, request } from 'undici';
import { z } from 'zod';
import type { LoopSummary } from '../domain/loop.ts';
import type { ListPage } from '../../storage/port.ts';
import { parseLoopId } from '../domain/ids.ts';
import { ApiError, STATUS_OF } from './error.ts';
import type { ApiErrorCode } from './error.ts';
import type { LoopApi } from './port.ts';
import { PROBLEM } from './schemas.ts';

export interface ClientOptions {
  /** `http://127.0.0.1:5679` */
  readonly url: string;
  readonly token: string;
}

const CONNECT_TIMEOUT_MS = 3_000;

export function createClient(options: ClientOptions): LoopApi {
  const dispatcher = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS } });
  const call = async (method: 'GET' | 'POST' | 'DELETE', path: string, body?: Uint8Array): Promise<Buffer> => {
    const headers = {
      authorization: `Bearer ${options.token}`,
      ...(body && { 'content-type': 'application/vnd.loop' }),
    };
    const response = await request(new URL(path, options.url), {
      method,
      headers,
      dispatcher,
      ...(body && { body: Buffer.from(body) }),
    }).catch((error: unknown) => {
      throw unreachable(options.url, error);
    });
    const bytes = Buffer.from(await response.body.arrayBuffer());
    if (response.statusCode >= 400) throw fromProblem(response.statusCode, bytes);
    return bytes;
  };
  const json = async (...args: Parameters<typeof call>): Promise<unknown> =>
    JSON.parse((await call(...args)).toString('utf8')) as unknown;
  return {
    async list(query) {
      const entries = Object.entries(query).flatMap(([name, value]: [string, unknown]) =>
        value === undefined ? [] : [[name, String(value)] as [string, string]],
      );
      return (await json('GET', `/v1/loops?${new URLSearchParams(entries).toString()}`)) as ListPage;
    },
    async resolve(prefix) {
      const { id } = z
        .object({ id: z.string() })
        .parse(await json('GET', `/v1/loops/${encodeURIComponent(prefix)}/resolve`));
      const parsed = parseLoopId(id);
      if (parsed === undefined) throw new ApiError('failed', `The server named a loop "${id}", which is no loop id.`);
      return parsed;
    },
    async show(id) {
      const { summary, view } = (await json('GET', `/v1/loops/${id}`)) as {
        readonly summary: LoopSummary;
        readonly view: unknown;
      };
      return { summary, view: JSON.stringify(view) };
    },
    recording: (id, { open }) => call('GET', `/v1/loops/${id}/recording?open=${open}`),
    import: async (file) => (await json('POST', '/v1/loops', file)) as LoopSummary,
    async delete(id) {
      await call('DELETE', `/v1/loops/${id}`);
    },
  };
}

function unreachable(url: string, error: unknown): ApiError {
  const said = error instanceof Error ? error.message : String(error);
  return new ApiError(
    'unreachable',
    `loopd at ${url} does not answer: ${said}.`,
    'Is it running? loopctl --data <directory> reads a local store without it.',
    { cause: error },
  );
}

function fromProblem(status: number, body: Buffer): ApiError {
  try {
    const problem = PROBLEM.parse(JSON.parse(body.toString('utf8')));
    const code = problem.code in STATUS_OF ? (problem.code as ApiErrorCode) : 'failed';
    return new ApiError(code, problem.title, problem.hint);
  } catch {
    return new ApiError(
      'failed',
      `The server answered ${status} with something that is no answer of loopd.`,
      'Does the address really lead to loopd?',
    );
  }
}
