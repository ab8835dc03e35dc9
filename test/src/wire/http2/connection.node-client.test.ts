/** Against an implementation that is not ours: Node's client, nghttp2 underneath. */
import { connect } from 'node:http2';
import type { ClientHttp2Stream } from 'node:http2';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Http2Connection, Http2Events } from '../../../../src/wire/http2/connection.ts';
import { serveHttp2 } from '../../../support/http2-socket.ts';

/** `:status: 200`, and trailers `a: b` as a literal. */
const OK = Buffer.of(0x88);
const TRAILERS = Buffer.from('\0\x01a\x01b', 'latin1');

/** Answers each call with what it said: its headers as JSON, a line break, and its body. */
function echo(connection: () => Http2Connection): Http2Events {
  return {
    opened(stream, headers) {
      const body: Buffer[] = [];
      return {
        data: (chunk, start, end) => void body.push(Buffer.from(chunk.subarray(start, end))),
        ended: () => {
          connection().respond(stream, OK, false);
          connection().send(stream, Buffer.from(`${JSON.stringify(headers)}\n`), false);
          connection().send(stream, Buffer.concat(body), false);
          connection().respond(stream, TRAILERS, true);
        },
        closed: () => undefined,
      };
    },
  };
}

interface Said {
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly body: Buffer;
  readonly trailers: string | undefined;
}

async function asked(stream: ClientHttp2Stream, body: Uint8Array): Promise<Said> {
  const trailers = Promise.withResolvers<string | undefined>();
  stream.on('trailers', (found) => trailers.resolve(String(found['a'])));
  stream.end(body);
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  const all = Buffer.concat(pieces);
  const line = all.indexOf('\n');
  return {
    headers: JSON.parse(all.toString('utf8', 0, line)) as Said['headers'],
    body: all.subarray(line + 1),
    trailers: await trailers.promise,
  };
}

const name = fc.stringMatching(/^x-[a-z0-9!#$%&'*+.^_|~-]{1,20}$/);
/** All of Latin-1 that a value may have, so that each Huffman code comes. */
const value = fc
  .array(fc.constantFrom(...Array.from({ length: 256 }, (_, code) => code).filter((code) => code > 31 && code !== 127)))
  .map((codes) => String.fromCharCode(...codes).trim());

describe('the client of Node', () => {
  it('is heard as it meant it, call after call over one table', async () => {
    await using server = await serveHttp2(echo);
    const client = connect(`http://127.0.0.1:${server.port}`);
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(name, value, { maxKeys: 12 }),
        fc.uint8Array({ maxLength: 300 }),
        async (more, body) => {
          const { headers, body: came } = await asked(
            client.request({ ':path': '/a', ':method': 'POST', ...more }),
            body,
          );
          const own = headers.filter((header) => header.name.startsWith('x-'));
          expect(Object.fromEntries(own.map((header) => [header.name, header.value]))).toEqual({ ...more });
          expect(came).toEqual(Buffer.from(body));
        },
      ),
      { numRuns: 200 },
    );
    client.destroy();
    expect(server.faults).toEqual([]);
  });

  it('gets a megabyte back through its windows, many calls at once, with trailers behind', async () => {
    await using server = await serveHttp2(echo);
    const client = connect(`http://127.0.0.1:${server.port}`);
    const body = Buffer.alloc(250_000, 'loop');
    const calls = Array.from({ length: 4 }, () => asked(client.request({ ':path': '/a', ':method': 'POST' }), body));
    for (const { body: came, trailers } of await Promise.all(calls)) {
      expect(came.equals(body)).toBe(true);
      expect(trailers).toBe('b');
    }
    client.destroy();
    expect(server.faults).toEqual([]);
  });
});
