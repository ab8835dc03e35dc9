/** Calls to a loopd elsewhere, and what can go wrong on the way, each in a sentence. */
import { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import { ApiError } from '../error.ts';
import { fromProblem, notLoopd, unreachable } from './remote-errors.ts';
import { LOOP_TYPE } from '../loop-type.ts';
import type { ApiRequest, Content } from './call.ts';

export interface RemoteOptions {
  /** `http://127.0.0.1:5679`; with a path when loopd stands behind a proxy that adds one. */
  readonly url: string;
  readonly token: string;
  /** PEM: who may have signed the certificate of an https URL, instead of the usual authorities. */
  readonly ca?: string | undefined;
  /** What to do about a wrong token, where that is known better than loopd knows it. */
  readonly tokenHint?: string | undefined;
}

const CONNECT_TIMEOUT_MS = 3_000;
/** Twice the largest loop file: what sends more is no loopd. */
const LARGEST_ANSWER = 1024 * 1024 * 1024;

interface Answer {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Every method rejects with ApiError and nothing else. */
export class Remote {
  readonly #options: RemoteOptions;
  readonly #dispatcher: Agent;

  constructor(options: RemoteOptions) {
    this.#options = options;
    const { ca } = options;
    this.#dispatcher = new Agent({
      connect: { timeout: CONNECT_TIMEOUT_MS, ...(ca !== undefined && { ca }) },
      maxResponseSize: LARGEST_ANSWER,
    });
  }

  /** JSON, bytes or nothing, as the endpoint answers. */
  async send(asked: ApiRequest): Promise<unknown> {
    const answer = await this.#call(asked);
    switch (asked.answers) {
      case 'bytes':
        return this.#file(asked, answer);
      case 'nothing':
        return undefined;
      case 'json':
      case 'events':
        return this.#json(answer);
    }
  }

  async #call({ method, path, body }: ApiRequest): Promise<Answer> {
    const { url, token, tokenHint } = this.#options;
    const type = body?.kind === 'json' ? 'application/json' : LOOP_TYPE;
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': type }) };
    const sent = body && { body: body.kind === 'json' ? body.text : sendable(body.bytes) };
    try {
      const response = await request(`${url.replace(/\/+$/, '')}${path}`, {
        method,
        headers,
        dispatcher: this.#dispatcher,
        ...sent,
      });
      const bytes = Buffer.from(await response.body.arrayBuffer());
      const { statusCode } = response;
      if (statusCode < 200 || statusCode >= 300) throw fromProblem(url, statusCode, bytes, tokenHint);
      return { type: String(response.headers['content-type'] ?? ''), bytes };
    } catch (error) {
      throw error instanceof ApiError ? error : unreachable(url, error);
    }
  }

  #json({ bytes }: Answer): unknown {
    try {
      return JSON.parse(bytes.toString('utf8')) as unknown;
    } catch {
      throw notLoopd(this.#options.url, 'it answered with something that is not JSON');
    }
  }

  #file({ operation }: ApiRequest, { type, bytes }: Answer): Uint8Array {
    if (operation !== 'recordingOfLoop' || type.startsWith(LOOP_TYPE)) return bytes;
    throw notLoopd(this.#options.url, 'it answered with something that is no loop file');
  }
}

/** Without a copy: a loop file may have half a gigabyte. */
function sendable(body: Content): Buffer | Readable {
  return body instanceof Uint8Array
    ? Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    : Readable.from(body, { objectMode: false });
}
