/** Node's own client, which sends whatever Host, Origin and Sec-Fetch-Site a browser or an attacker would. */
import { request } from 'node:http';

export type Headers = Readonly<Record<string, string>>;

export interface Asked {
  readonly status: number;
  /** Of an answer in JSON. */
  readonly json: Record<string, unknown>;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The first one that is set. */
  readonly cookie: string;
}

export interface AskedWith {
  readonly body?: string | Uint8Array;
  /** Address on this machine that it comes from. */
  readonly from?: string;
}

export function ask(
  url: string,
  method: string,
  path: string,
  headers: Headers,
  { body = '', from = '127.0.0.1' }: AskedWith = {},
): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    const options = { method, headers: { ...length, ...headers }, localAddress: from, agent: false };
    const sent = request(new URL(path, url), options, (response) => {
      const chunks: Buffer[] = [];
      const told = () => {
        const text = Buffer.concat(chunks).toString();
        const json = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>;
        const cookie = response.headers['set-cookie']?.[0] ?? '';
        resolve({ status: response.statusCode ?? 0, json, text, headers: response.headers, cookie });
      };
      // A stream of events goes on for as long as somebody listens.
      if (response.headers['content-type'] === 'text/event-stream') {
        response.destroy();
        return told();
      }
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', told);
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
