import { once } from 'node:events';
import { connect } from 'node:http2';
import * as http from 'node:http';
import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../../../src/domain/exchange.ts';
import { serveRecorded } from '../../../support/http-mock.ts';
import type { ServedMock } from '../../../support/http-mock.ts';
import { exchange, message, T0 } from '../../../support/transaction.ts';
import { until } from '../../../support/until.ts';

function streamed(
  pieces: readonly (string | Uint8Array)[],
  asked: Readonly<Record<string, string>> = {},
  more: Partial<Exchange> = {},
  type = 'text/event-stream',
) {
  const body = pieces.map((piece, index) => ({ at: T0 + index * 1000, bytes: Buffer.from(piece) }));
  return exchange(1, {
    request: message({ ':method': 'GET', ':path': '/feed', ':authority': 'pricing', ':scheme': 'http', ...asked }),
    response: message({ ':status': '200', 'content-type': type }, '', { body, endedAt: T0 + pieces.length * 1000 }),
    ...more,
  });
}

/** Status, what came, and how it ended. */
async function get({ port }: ServedMock, headers: http.OutgoingHttpHeaders = {}): Promise<readonly string[]> {
  const request = http.get({ port, path: '/feed', headers });
  request.on('error', () => undefined);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const heard = [`${response.statusCode}`];
  response.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
  response.on('error', () => undefined);
  await new Promise((resolve) => response.on('close', resolve));
  return [...heard, response.complete ? 'end' : 'cut'];
}

async function calls({ calls: all }: ServedMock, count = 1) {
  return await until(
    () => all,
    (seen) => seen.length >= count,
    5000,
  );
}

function cutByTheRecorder(whole: Exchange): Exchange {
  const response = { ...whole.response, complete: false } as Exchange['response'] & object;
  return { ...whole, response, logged: true, gaps: [{ side: 'server', bytes: 100, reason: 'budget' }] };
}

describe('an event stream', () => {
  it('goes out event by event, and ends', async () => {
    const mock = await serveRecorded(streamed(['id: 1\ndata: a\n\n', ': here\n\nid: 2\nda', 'ta: b\n\n']));
    expect((await get(mock)).join('')).toBe('200id: 1\ndata: a\n\n: here\n\nid: 2\ndata: b\n\nend');
    expect(await calls(mock)).toMatchObject([{ protocol: 'sse', summary: 'GET /feed (2 received)', grade: 'exact' }]);
  });

  it('that was reset is reset', async () => {
    const cut = streamed(['data: a\n\n']);
    const response = { ...cut.response, complete: false } as Exchange['response'] & object;
    const mock = await serveRecorded({ ...cut, response, logged: true, flags: ['UPE'] });
    expect((await get(mock)).at(-1)).toBe('cut');
    expect((await calls(mock))[0]?.explanation).toEqual(['the recorded answer was cut off: so is this one']);
  });

  it('whose rest was not recorded stays open, and nobody is blamed', async () => {
    const mock = await serveRecorded(cutByTheRecorder(streamed(['data: a\n\n'])));
    const request = http.get({ port: mock.port, path: '/feed' });
    const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
    const [event] = (await once(answer, 'data')) as [Buffer];
    expect(event.toString()).toBe('data: a\n\n');
    expect(mock.calls).toEqual([]);
    request.destroy();
    expect(await calls(mock)).toMatchObject([
      { grade: 'drifted', explanation: ['the recording lacks the rest of what the server sent'] },
    ]);
  });

  it('is asked for again from where it broke off', async () => {
    const mock = await serveRecorded(
      streamed(['id: 1\ndata: a\n\n']),
      streamed(['id: 2\ndata: b\n\n'], { 'last-event-id': '1' }),
      streamed(['id: 3\ndata: c\n\n'], { 'last-event-id': '2' }),
    );
    expect((await get(mock, { 'last-event-id': '2' })).join('')).toContain('data: c');
    expect((await get(mock)).join('')).toContain('data: a');
    expect((await get(mock, { 'last-event-id': '1' })).join('')).toContain('data: b');
    expect((await calls(mock, 3)).map(({ grade }) => grade)).toEqual(['exact', 'exact', 'exact']);
    expect((await get(mock, { 'last-event-id': '3' }))[0]).toBe('501');
  });

  it('that was open when the recording stopped stays open', async () => {
    const open = streamed(['data: a\n\n']);
    const response = { ...open.response, complete: false } as Exchange['response'] & object;
    const mock = await serveRecorded({ ...open, response, end: 'open' });
    const request = http.get({ port: mock.port, path: '/feed' });
    const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
    await once(answer, 'data');
    expect(mock.calls).toEqual([]);
    mock.mock.settle?.();
    expect(mock.calls).toMatchObject([{ protocol: 'sse', grade: 'exact' }]);
    request.destroy();
  });

  it('over HTTP/2', async () => {
    const mock = await serveRecorded(streamed(['data: a\n\n', 'data: b\n\n']));
    const session = connect(`http://127.0.0.1:${mock.port}`);
    const stream = session.request({ ':path': '/feed' });
    const heard: string[] = [];
    stream.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
    await once(stream, 'end');
    expect(heard.join('')).toBe('data: a\n\ndata: b\n\n');
    session.close();
  });
});

describe('a long download', () => {
  const BIG = new Uint8Array(4 * 1024 * 1024).fill(7);
  it('comes whole to a client that reads slowly', async () => {
    const mock = await serveRecorded(streamed([BIG, BIG, BIG], {}, {}, 'application/octet-stream'));
    const request = http.get({ port: mock.port, path: '/feed' });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    let bytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) bytes += chunk.length;
    expect(bytes).toBe(3 * BIG.length);
    expect(await calls(mock)).toMatchObject([{ protocol: 'http', summary: 'GET /feed', grade: 'exact' }]);
  });
  it('that was cut in the middle is cut there', async () => {
    const cut = streamed([BIG, 'half'], {}, {}, 'application/octet-stream');
    const response = { ...cut.response, complete: false } as Exchange['response'] & object;
    const mock = await serveRecorded({ ...cut, response, logged: true, flags: ['UPE'] });
    const heard = await get(mock);
    expect(heard.at(-1)).toBe('cut');
    expect(heard.slice(1, -1).join('').length).toBe(BIG.length + 4);
  });
});

it('of a plain answer that the recorder cut it is said that its rest is not there', async () => {
  const mock = await serveRecorded(cutByTheRecorder(streamed(['{"a":'], {}, {}, 'application/json')));
  expect(await get(mock)).toEqual(['200', '{"a":', 'cut']);
  expect(await calls(mock)).toMatchObject([
    { protocol: 'http', grade: 'drifted', explanation: ['the recording lacks the rest of what the server sent'] },
  ]);
});
