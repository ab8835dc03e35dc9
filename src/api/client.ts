/** The API of a loopd, from afar. */
import { Agent, request } from 'undici';
import { z } from 'zod';
import type { LoopSummary } from '../domain/loop.ts';
import type { RedactionTest } from '../keeping/dry-run.ts';
import type { ListPage, ListQuery } from '../../storage/port.ts';
import type { LoopId } from '../domain/ids.ts';
import { parseLoopId } from '../domain/ids.ts';
import { ApiError, STATUS_OF } from './error.ts';
import type { ApiErrorCode } from './error.ts';
import type { LoopApi } from './port.ts';
import { LOOP_TYPE, PROBLEM } from './schemas.ts';

export interface ClientOptions {
  /** `http://127.0.0.1:5679` */
  readonly url: string;
  readonly token: string;
}

const CONNECT_TIMEOUT_MS = 3_000;

export function createClient(options: ClientOptions): LoopApi {
  const remote = new Remote(options);
  return {
    list: async (query) => (await remote.json('GET', `/v1/loops?${searchOf(query)}`)) as ListPage,
    resolve: async (prefix) =>
      parseResolved(await remote.json('GET', `/v1/loops/${encodeURIComponent(prefix)}/resolve`)),
    show: async (id) => {
      const { summary, view } = (await remote.json('GET', `/v1/loops/${id}`)) as Shown;
      return { summary, view: JSON.stringify(view) };
    },
    recording: (id, { open }) => remote.call('GET', `/v1/loops/${id}/recording?open=${open}`),
    import: async (file) => (await remote.json('POST', '/v1/loops', file)) as LoopSummary,
    testRedaction: async (id, rules) => {
      const asked = Buffer.from(JSON.stringify(rules === undefined ? {} : { rules }));
      return (await remote.json('POST', `/v1/loops/${id}/redaction-test`, asked, 'application/json')) as RedactionTest;
    },
    delete: async (id) => {
      await remote.call('DELETE', `/v1/loops/${id}`);
    },
  };
}

interface Shown {
  readonly summary: LoopSummary;
  readonly view: unknown;
}

class Remote {
  readonly #options: ClientOptions;
  readonly #dispatcher = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS } });

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  async call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: Uint8Array, type = LOOP_TYPE): Promise<Buffer> {
    const { url, token } = this.#options;
    const content = body && { body: Buffer.from(body) };
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': type }) };
    const sent = request(new URL(path, url), { method, headers, dispatcher: this.#dispatcher, ...content });
    const response = await sent.catch((error: unknown) => {
      throw unreachable(url, error);
    });
    const bytes = Buffer.from(await response.body.arrayBuffer());
    if (response.statusCode >= 400) throw fromProblem(response.statusCode, bytes);
    return bytes;
  }

  async json(method: 'GET' | 'POST', path: string, body?: Uint8Array, type?: string): Promise<unknown> {
    const bytes = await this.call(method, path, body, type);
    return JSON.parse(bytes.toString('utf8')) as unknown;
  }
}

function searchOf({ purpose, limit, cursor, service, fingerprint, since }: ListQuery): string {
  const given = Object.entries({
    purpose,
    limit: `${limit}`,
    cursor,
    service,
    fingerprint,
    since: since && `${since}`,
  });
  return new URLSearchParams(given.filter((entry): entry is [string, string] => entry[1] !== undefined)).toString();
}

function parseResolved(answer: unknown): LoopId {
  const { id } = z.object({ id: z.string() }).parse(answer);
  const parsed = parseLoopId(id);
  if (parsed === undefined) throw new ApiError('failed', `The server named a loop "${id}", which is no loop id.`);
  return parsed;
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
