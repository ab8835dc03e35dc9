import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EventLog } from '../../../../src/api/events.ts';
import type { LoopEvent } from '../../../../src/api/contract/results.ts';
import type { Principal } from '../../../../src/domain/access.ts';
import { installation, served, TOKEN } from '../../../support/api.ts';
import { ask } from '../../../support/ask.ts';
import { ManualTime } from '../../../support/manual-time.ts';
import { loopId, loopSummary } from '../../../support/transaction.ts';

const AUTHORISED = { authorization: `Bearer ${TOKEN}` };
const FIRST = 1000;
const deleted = (number: number): LoopEvent => ({ kind: 'loop-deleted', id: loopId(number) });

interface Started {
  readonly who?: Principal;
  /** Whoever asks is a viewer of the name in `x-name`. */
  readonly nameInHeader?: boolean;
  readonly goesOn?: () => boolean;
}

async function start(more: Started = {}) {
  const log = new EventLog(FIRST);
  const beats: (() => void)[] = [];
  const clock = new ManualTime();
  const every = (_ms: number, run: () => void) => {
    beats.push(run);
    return () => void beats.splice(beats.indexOf(run), 1);
  };
  const { who, nameInHeader, goesOn } = more;
  const { url } = await served((await installation()).handlers, {
    events: { log, clock, every },
    ...(who && { who: async () => who }),
    ...(nameInHeader && { who: async ({ headers }) => viewer(String(headers['x-name'])) }),
    ...(goesOn && { goesOn }),
  });
  return { log, url, clock, beat: () => beats.forEach((run) => run()) };
}

const viewer = (name: string): Principal => ({ name, by: 'session', grants: [{ role: 'viewer' }] });

/** Text of the stream, as it comes; `rest` resolves when it ends. */
async function follow(url: string, headers: Readonly<Record<string, string>> = {}, query = '') {
  const over = new AbortController();
  onTestFinished(() => over.abort());
  const answer = await fetch(new URL(`/v1/events${query}`, url), {
    headers: { ...AUTHORISED, ...headers },
    signal: over.signal,
  });
  const pieces = (answer.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const until = async (has: string): Promise<string> => {
    while (!text.includes(has)) {
      const { done, value } = await pieces.read();
      if (done) throw new Error(`ended before ${has}: ${text}`);
      text += value;
    }
    return text;
  };
  const rest = async (): Promise<string> => {
    for (;;) {
      const { done, value } = await pieces.read();
      if (done) return text;
      text += value;
    }
  };
  return { answer, until, rest, leave: () => over.abort() };
}

describe('server-sent events', () => {
  it('come numbered as they happen, under the headers of a stream', async () => {
    const { log, url, beat } = await start();
    const { answer, until } = await follow(url);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    await until('id: 999\n: hello\n\n');
    log.publish({ kind: 'loop-kept', loop: loopSummary(1, { path: '/a\nb' }) });
    log.publish(deleted(1));
    const text = await until(`event: loop-deleted\ndata: {"kind":"loop-deleted","id":"${loopId(1)}"}\n\n`);
    expect(text).toContain('id: 1000\nevent: loop-kept\ndata: {"kind":"loop-kept","loop":{');
    expect(text).toContain(String.raw`/a\nb`);
    expect(text).toContain('id: 1001\n');
    beat();
    await until('\n:\n\n');
  });

  it.each([
    ['the header', { 'last-event-id': '1001' }, ''],
    ['the query', {}, '?after=1001'],
  ])('go on behind the last number, said by %s', async (_what, headers, query) => {
    const { log, url } = await start();
    for (const number of [0, 1, 2, 3]) log.publish(deleted(number));
    const text = await (await follow(url, headers, query)).until('id: 1003');
    expect(text).toContain('id: 1002');
    expect(text).not.toContain('id: 1000');
  });

  it.each(['5', '99999'])('after a gap that cannot be filled (%s), that is said, and then they go on', async (last) => {
    const { log, url } = await start();
    log.publish(deleted(0));
    const { until } = await follow(url, { 'last-event-id': last });
    const missed = 'id: 1000\nevent: missed\ndata: {"kind":"missed"}\n\n';
    expect(await until(missed)).toContain(missed);
    log.publish(deleted(1));
    expect(await until('id: 1001\nevent: loop-deleted')).not.toContain('id: 1000\nevent: loop-deleted');
  });

  it.each([
    ['nobody', undefined, 401],
    ['somebody without a role', { name: 'anna', by: 'session', grants: [] } as const, 403],
  ])('are not for %s', async (_what, who, status) => {
    const { url } = await start({ ...(who && { who }) });
    const answer = await fetch(new URL('/v1/events', url), who === undefined ? {} : { headers: AUTHORISED });
    expect(answer.status).toBe(status);
  });

  it('are each only what its reader may see', async () => {
    const tenants = [{ name: 'shop', services: ['shop'] }];
    const { log, url } = await start({ who: { name: 'anna', by: 'session', grants: [{ role: 'viewer', tenants }] } });
    const { until } = await follow(url);
    log.publish({ kind: 'loop-kept', loop: loopSummary(1, { service: 'bank', services: ['bank'], path: '/hidden' }) });
    log.publish({ kind: 'capture-changed', id: 'cap-00000000' });
    log.publish({ kind: 'loop-kept', loop: loopSummary(2, { service: 'shop', services: ['shop'], path: '/shown' }) });
    const text = await until('/shown');
    expect(text).not.toMatch(/hidden|capture-changed/);
  });

  it('end with the session, before another event is told', async () => {
    let signedIn = true;
    const { log, url } = await start({ goesOn: () => signedIn });
    const { rest, until } = await follow(url);
    log.publish(deleted(1));
    await until('id: 1000');
    signedIn = false;
    log.publish(deleted(2));
    expect(await rest()).not.toContain('id: 1001');
  });

  it('end at the next beat, where nothing happens', async () => {
    let signedIn = true;
    const { url, beat } = await start({ goesOn: () => signedIn });
    const { rest, until } = await follow(url);
    await until('hello');
    signedIn = false;
    beat();
    expect(await rest()).toBe('id: 999\n: hello\n\n');
  });

  it('have so many readers at most', async () => {
    const { url } = await start({ nameInHeader: true });
    const many = (of: number, most: number) =>
      Array.from({ length: most }, () => follow(url, { 'x-name': `no ${of}` }));
    const refused = async (of: number) => {
      const headers = { ...AUTHORISED, 'x-name': `no ${of}` };
      const { status, json } = await ask(url, 'GET', '/v1/events', headers);
      return [status, json['title']];
    };
    const readers = await Promise.all(many(0, 20));
    expect(await refused(0)).toEqual([422, 'You follow the events 20 times already.']);
    for (const of of [1, 2, 3, 4, 5, 6, 7, 8, 9]) readers.push(...(await Promise.all(many(of, 20))));
    expect(await refused(10)).toEqual([422, '200 readers follow the events already.']);
    for (const { leave } of readers) leave();
  });
});

/** A reader that asks and then takes nothing. */
async function stuckReader(url: string, name: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  onTestFinished(() => void socket.destroy());
  socket.write(
    `GET /v1/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\nx-name: ${name}\r\n\r\n`,
  );
  await once(socket, 'data');
  socket.pause();
  return socket;
}

describe('readers that take nothing', () => {
  it('cost nothing per event, and are left after a while', async () => {
    const { log, url, clock, beat } = await start({ nameInHeader: true });
    const sockets = await Promise.all(Array.from({ length: 50 }, (_none, at) => stuckReader(url, `no ${at % 5}`)));
    const { until } = await follow(url);
    const path = 'x'.repeat(10_000);
    const before = process.memoryUsage().rss;
    for (let number = 0; number < 4000; number += 1) {
      log.publish({ kind: 'loop-kept', loop: loopSummary(number, { path }) });
      if (number % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    log.publish(deleted(7));
    // Fifty times forty megabytes, were they queued.
    expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000);
    await until(`"id":"${loopId(7)}"`);
    beat();
    clock.advance(61_000);
    const closed = Promise.all(sockets.map((socket) => once(socket, 'close')));
    beat();
    for (const socket of sockets) socket.resume();
    await closed;
  });
});
