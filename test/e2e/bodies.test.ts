// Bodies of every kind through a real Envoy, in and out of one service: captured whole, shown readable and bounded, and replayed without anybody.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Exchange, Message } from '../../src/domain/exchange.ts';
import { bodyOf } from '../../src/domain/exchange.ts';
import { parseTransactionKey } from '../../src/domain/ids.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import { socket } from '../../src/envoy-config/address.ts';
import { sidecarYaml } from '../../src/envoy-config/sidecar.ts';
import type { ExchangeView, MessageView } from '../../src/seal/view-schema.ts';
import { parseLoopView } from '../../src/seal/view-schema.ts';
import { loopctl } from '../support/cli.ts';
import type { TestService } from '../support/exchanges/service.ts';
import { startService as startPeer } from '../support/exchanges/service.ts';
import { startService } from '../support/grpc-services.ts';
import { freePort } from '../support/server-process.ts';
import { patient } from '../support/patient.ts';
import { checkedReport, makeProject } from '../support/project.ts';
import type { RunningEnvoy } from '../support/running-envoy.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { allFailures, openLoop, startTestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

/** Passes what it is asked on, byte by byte, and what it is told back, always as a failure; on /early it uploads more than it was asked, for longer than any answer takes. */
const RELAY = {
  'loop.yaml': 'version: 1\nservices:\n  orders: { command: [node, server.mjs], port: 8080, ready: /healthz }\n',
  'server.mjs': `
import http from 'node:http';

const passed = ({ headers }) => Object.fromEntries(['content-type', 'content-encoding', 'traceparent'].flatMap((name) => headers[name] === undefined ? [] : [[name, headers[name]]]));
const whole = async (message) => {
  const chunks = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
};
http.createServer(async (request, response) => {
  if (request.url === '/healthz') return response.end();
  const asked = await whole(request);
  const call = http.request('http://peer.test' + request.url, { method: 'POST', headers: passed(request) }, async (told) => {
    const body = await whole(told);
    response.writeHead(500, { ...passed(told), 'x-told': told.statusCode }).end(body);
  });
  call.on('error', () => undefined);
  if (request.url !== '/early') return call.end(asked);
  const more = Buffer.alloc(65536, 'x');
  let left = 80;
  const write = () => { if (left-- === 0) return call.end(); call.write(more); setTimeout(write, 20); };
  write();
}).listen(Number(process.env.PORT), '127.0.0.1', function () { console.log(this.address().port); });
`,
};

type Headers = Readonly<Record<string, string>>;

interface Kind {
  readonly name: string;
  readonly asked: Uint8Array;
  readonly told: Uint8Array;
  readonly headers: Headers;
  /** Sent in pieces, without a length. */
  readonly chunked?: true;
  /** What people are shown of the request, and of the answer when it is another. */
  readonly shown: ReturnType<typeof text> | ReturnType<typeof omitted>;
  readonly shownAnswer?: Kind['shown'];
}

const text = (shown: string | RegExp, truncated = false) => ({
  kind: 'text',
  text: typeof shown === 'string' ? shown : (expect.stringMatching(shown) as string),
  truncated,
});
const omitted = (why: string) => ({ kind: 'omitted', why });

const ASKED = JSON.stringify({ sku: 'MUG', count: 2, note: 'a mug '.repeat(50) });
const TOLD = JSON.stringify({ error: 'the price is no number', note: 'no price '.repeat(50) });
const JSON_TYPE = { 'content-type': 'application/json' };

function encoded(name: string, encoding: string, pack: (bytes: string) => Uint8Array): Kind {
  const headers = { ...JSON_TYPE, 'content-encoding': encoding };
  return { name, asked: pack(ASKED), told: pack(TOLD), headers, shown: text(ASKED), shownAnswer: text(TOLD) };
}

const FORM = [
  '--b0undary',
  'content-disposition: form-data; name="title"',
  '',
  'a mug',
  '--b0undary',
  'content-disposition: form-data; name="password"',
  '',
  'hunter2',
  '--b0undary',
  'content-disposition: form-data; name="file"; filename="mug.bin"',
  'content-type: application/octet-stream',
  '',
  '',
].join('\r\n');
const FILE = randomBytes(5000);
const MULTIPART = Buffer.concat([Buffer.from(FORM), FILE, Buffer.from('\r\n--b0undary--\r\n')]);

const LARGE = Buffer.from('0123456789abcde\n'.repeat(655_360));

const KINDS: readonly Kind[] = [
  encoded('gzip', 'gzip', gzipSync),
  encoded('deflate', 'deflate', deflateSync),
  encoded('deflate without its header', 'deflate', deflateRawSync),
  encoded('br', 'br', brotliCompressSync),
  encoded('zstd', 'zstd', zstdCompressSync),
  encoded('gzip in br', 'gzip, br', (bytes) => brotliCompressSync(gzipSync(bytes))),
  {
    name: 'a form in parts',
    asked: MULTIPART,
    told: MULTIPART,
    headers: { 'content-type': 'multipart/form-data; boundary=b0undary' },
    shown: text(/name="title"\r\n\r\na mug\r\n[^]*name="password"\r\n\r\nREDACTED\([^]*\(5000 bytes, not shown\)/),
  },
  {
    name: 'chunks of no announced length',
    asked: Buffer.from(ASKED),
    told: Buffer.from(TOLD),
    headers: JSON_TYPE,
    chunked: true,
    shown: text(ASKED),
    shownAnswer: text(TOLD),
  },
  // Twice each: in and out of the service. One transaction holds 32 MiB, which is why it is not both.
  {
    name: '10 MB of text asked',
    asked: LARGE,
    told: Buffer.from('no'),
    headers: { 'content-type': 'text/plain' },
    shown: text(/^(?:0123456789abcde\n){4096}$/, true),
    shownAnswer: text('no'),
  },
  {
    name: '10 MB of bytes told',
    asked: Uint8Array.of(0, 1),
    told: randomBytes(10_000_000),
    headers: { 'content-type': 'application/octet-stream' },
    shown: omitted('binary'),
  },
  {
    name: 'a decompression bomb',
    asked: gzipSync(Buffer.alloc(50_000_000, 'a')),
    told: gzipSync(Buffer.alloc(50_000_000, 'b')),
    headers: { 'content-type': 'text/plain', 'content-encoding': 'gzip' },
    shown: omitted('decompresses to more than 4194304 bytes'),
  },
  {
    name: 'a bomb in a bomb',
    asked: gzipSync(gzipSync(Buffer.alloc(50_000_000, 'a'))),
    told: Buffer.from('stop'),
    headers: { 'content-type': 'text/plain', 'content-encoding': 'gzip, gzip' },
    shown: omitted('decompresses to more than 4194304 bytes'),
    shownAnswer: omitted('is no valid gzip'),
  },
];

const pathOf = ({ name }: { readonly name: string }): string => `/${name.replaceAll(/\W+/g, '-')}`;
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

interface Kept {
  readonly summary: LoopSummary;
  readonly exchanges: readonly Exchange[];
  readonly views: readonly ExchangeView[];
  readonly file: string;
}

class World {
  readonly directory = mkdtempSync(join(tmpdir(), 'loop-bodies-'));
  readonly opened = new AsyncDisposableStack();
  readonly daemon: TestLoopd;
  readonly peer: TestService;
  readonly envoy: RunningEnvoy;

  private constructor(daemon: TestLoopd, peer: TestService, envoy: RunningEnvoy) {
    this.daemon = daemon;
    this.peer = peer;
    this.envoy = envoy;
  }

  static async start(): Promise<World> {
    const daemon = await startTestLoopd();
    const peer = await startPeer();
    const app = await freePort();
    const envoy = await startEnvoy(
      patient(
        sidecarYaml({
          speaker: { service: 'orders', instance: 'orders-1' },
          sink: daemon.sink,
          envoyVersion: { major: 1, minor: 40 },
          admin: socket('127.0.0.1', 0),
          inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', app) },
          outbound: {
            listen: socket('127.0.0.1', 0),
            upstreams: [{ name: 'peer', hosts: ['peer.test'], address: socket('127.0.0.1', peer.port) }],
          },
        }),
      ),
    );
    const world = new World(daemon, peer, envoy);
    const server = join(world.directory, 'server.mjs');
    writeFileSync(server, RELAY['server.mjs']);
    const service = await startService([process.execPath, server], {
      PORT: String(app),
      NODE_USE_ENV_PROXY: '1',
      http_proxy: await envoy.listener('outbound'),
    });
    for (const close of [() => daemon.close(), () => peer.close(), () => envoy.stop(), () => service.stop()])
      world.opened.defer(close);
    return world;
  }

  /** What its client was told. */
  async ask(
    path: string,
    trace: string,
    headers: Headers,
    body: Uint8Array,
    chunked = false,
  ): Promise<[number, string]> {
    const inbound = await this.envoy.listener('inbound');
    const length: Headers = chunked ? {} : { 'content-length': String(body.length) };
    return new Promise((resolve, reject) => {
      const traceparent = `00-${trace}-00000000000000ab-01`;
      const asked = request(new URL(path, inbound), {
        method: 'POST',
        headers: { ...headers, ...length, traceparent },
      });
      asked.on('error', reject);
      asked.on('response', (told) => {
        const hash = createHash('sha256');
        told.on('data', (chunk: Buffer) => hash.update(chunk));
        told.on('end', () => resolve([told.statusCode ?? 0, hash.digest('hex')]));
      });
      for (let at = 0; chunked && at < body.length; at += 100) asked.write(body.subarray(at, at + 100));
      asked.end(chunked ? undefined : body);
    });
  }

  async kept(trace: string): Promise<Kept> {
    const key = parseTransactionKey(`trace:${trace}`);
    const summary = await until(
      async () => (await allFailures(this.daemon.api)).find(({ transaction }) => transaction === key),
      (found) => found !== undefined,
      60_000,
    );
    if (summary === undefined) throw new Error('It was not kept.');
    const { transaction } = await openLoop(this.daemon.api, summary.id);
    const view = parseLoopView((await this.daemon.api.show(summary.id)).view);
    const file = join(this.directory, `${summary.id}.loop`);
    writeFileSync(file, await this.daemon.api.recording(summary.id, { open: true }), { mode: 0o600 });
    return { summary, exchanges: transaction.exchanges, views: view?.exchanges ?? [], file };
  }

  async close(): Promise<void> {
    await this.opened.disposeAsync();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

async function replayed(file: string) {
  const project = makeProject(RELAY);
  const { stdout, stderr } = await loopctl(['replay', file, '-o', 'json'], {
    cwd: project.directory,
    data: project.data,
  });
  if (stdout === '') throw new Error(stderr);
  return checkedReport(stdout);
}

const hashOf = (message: Message | undefined): string | undefined => message && sha(bodyOf(message));
const shownOf = (message: MessageView | undefined) => message?.body;

describe('bodies', () => {
  let world: World;
  const traces = new Map(KINDS.map((kind) => [kind, randomBytes(16).toString('hex')]));
  const told = new Map<Kind, readonly [number, string]>();

  beforeAll(async () => {
    world = await World.start();
    for (const kind of KINDS) {
      world.peer.on(pathOf(kind), async (call) => {
        await call.whole();
        const length: Headers = kind.chunked ? {} : { 'content-length': String(kind.told.length) };
        call.begin(422, Object.entries({ ...kind.headers, ...length }));
        if (kind.chunked) call.write(kind.told.subarray(0, 100)).end(kind.told.subarray(100));
        else call.end(kind.told);
      });
      const trace = traces.get(kind) ?? '';
      told.set(kind, await world.ask(pathOf(kind), trace, kind.headers, kind.asked, kind.chunked));
    }
  });
  afterAll(() => world.close());

  describe.each(KINDS)('$name', (kind) => {
    let kept: Kept;
    beforeAll(async () => {
      kept = await world.kept(traces.get(kind) ?? '');
    });

    it('is captured whole, both ways, on both sides', () => {
      expect(told.get(kind)).toEqual([500, sha(kind.told)]);
      expect(kept.summary).toMatchObject({ exchanges: 2, holes: [] });
      for (const { request: asked, response } of kept.exchanges)
        expect([hashOf(asked), hashOf(response), asked?.complete, response?.complete]).toEqual([
          sha(kind.asked),
          sha(kind.told),
          true,
          true,
        ]);
    });

    it('is shown as it can be read', () => {
      for (const { request: asked, response } of kept.views) {
        expect(shownOf(asked)).toMatchObject({ ...kind.shown, bytes: kind.asked.length });
        expect(shownOf(response)).toMatchObject({ ...(kind.shownAnswer ?? kind.shown), bytes: kind.told.length });
      }
    });

    it('is replayed', async (context) => {
      await skipWithoutNamespaces(context);
      const report = await replayed(kept.file);
      expect([report.outcome, report.diff, report.missed]).toEqual(['reproduced', [], []]);
      expect(report.calls).toMatchObject([{ peer: 'peer.test:80', grade: 'exact' }]);
      expect(report.replayed.bytes).toBe(kind.told.length);
    });
  });

  it('an answer that comes before the upload is whole ends it, then and in the replay', async (context) => {
    await skipWithoutNamespaces(context);
    world.peer.on('/early', async (call) => {
      await call.received(1);
      call.begin(413, [['content-type', 'text/plain']]).end(Buffer.from('too much'));
    });
    const trace = randomBytes(16).toString('hex');
    expect(await world.ask('/early', trace, JSON_TYPE, Buffer.from('{}'))).toEqual([500, sha(Buffer.from('too much'))]);
    const { exchanges, file, summary } = await world.kept(trace);
    const upload = exchanges.find(({ vantage }) => vantage.direction === 'outbound');
    expect(upload).toMatchObject({ request: { complete: false }, response: { complete: true } });
    expect(upload?.request && bodyOf(upload.request).length).toBeLessThan(80 * 65_536);
    expect(summary.holes).toEqual([]);
    const report = await replayed(file);
    expect([report.outcome, report.diff, report.missed]).toEqual(['reproduced', [], []]);
    expect(report.calls).toMatchObject([{ summary: 'POST /early', grade: 'exact' }]);
  });
});
