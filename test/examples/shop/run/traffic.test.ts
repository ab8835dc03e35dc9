import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sendTraffic } from '../../../../examples/shop/run/traffic.ts';

describe('traffic', () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method ?? ''} ${request.url ?? ''}`);
    request.resume();
    request.on('end', () =>
      response.writeHead(seen.length === 5 ? 503 : 200).end('{"token":"t.t.tttttttt","id":1,"number":"O-7"}'),
    );
  });
  let entryUrl: string;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    entryUrl = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test('reports each request that was sent, and which failed', async () => {
    const progress: number[] = [];
    const onProgress = (sent: number): void => void progress.push(sent);
    const report = await sendTraffic({ entryUrl, requests: 40, perSecond: 1000, customers: 1, seed: 2, onProgress });
    expect(report.sent.map(({ method, path }) => `${method} ${path}`)).toEqual(seen);
    expect(progress).toEqual(report.sent.map((_, index) => index + 1));
    expect(report.failed).toEqual([report.sent[4]]);
  });

  test('is the same again for the same seed', async () => {
    const paths = async (): Promise<readonly string[]> => {
      const { sent } = await sendTraffic({ entryUrl, requests: 60, perSecond: 1000, customers: 1, seed: 9 });
      return sent.map(({ method, path, requestBody }) => `${method} ${path} ${requestBody}`);
    };
    expect(await paths()).toEqual(await paths());
  });

  test('brings a trace with two requests of three', async () => {
    const { sent } = await sendTraffic({ entryUrl, requests: 30, perSecond: 1000, customers: 1 });
    expect(sent.filter(({ traceId }) => traceId !== undefined).length / sent.length).toBeCloseTo(2 / 3, 1);
  });

  test('counts a request without an answer as failed', async () => {
    const { failed } = await sendTraffic({
      entryUrl: 'http://127.0.0.1:1',
      requests: 3,
      perSecond: 1000,
      customers: 1,
    });
    expect(failed.map(({ status, responseBody }) => [status, responseBody])).toContainEqual([
      0,
      expect.stringContaining('ECONNREFUSED'),
    ]);
  });

  test('ends when it is told to', async () => {
    const stop = new AbortController();
    const onProgress = (): void => stop.abort();
    const { sent } = await sendTraffic({
      entryUrl,
      requests: 1e6,
      perSecond: 1000,
      customers: 1,
      onProgress,
      signal: stop.signal,
    });
    expect(sent).toHaveLength(2);
  });
});
