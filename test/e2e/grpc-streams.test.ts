// A service that is the server of gRPC streams, recorded through real Envoys: its failures are kept, and its streams played to it again, message by message.
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReplayReport } from '../../replay-sandbox/report/report.ts';
import type { LoopId } from '../../src/domain/ids.ts';
import { parseTransactionKey } from '../../src/domain/ids.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import { socket } from '../../src/envoy-config/address.ts';
import { bentSidecar } from '../support/bent-sidecar.ts';
import { loopctl } from '../support/cli.ts';
import type { Talk, Told } from '../support/grpc-desk.ts';
import { DESK, FEED, talk } from '../support/grpc-desk.ts';
import { startService } from '../support/grpc-services.ts';
import { checkedReport, makeProject } from '../support/project.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import { allFailures, startTestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';
import { freePort } from '../support/server-process.ts';

const BIG = Buffer.alloc(5_000_000, 'big');
/** Room for one big message, not for two. */
const BODY_BYTES = 6 * 1024 * 1024;

const TALKS = {
  both: [
    '/shop.Desk/Chat',
    [
      [0, 'one'],
      [1, 'three'],
      [2, 'fail'],
    ],
  ],
  upload: [
    '/shop.Desk/Sum',
    [
      [0, 'one'],
      [0, 'three'],
      [0, 'fivefive'],
      [0, '|'],
    ],
  ],
  open: [
    '/shop.Desk/Chat',
    [
      [0, 'feed open'],
      [2, 'fail'],
    ],
  ],
  big: [
    '/shop.Desk/Chat',
    [
      [0, BIG],
      [1, 'fail'],
    ],
  ],
  tooBig: [
    '/shop.Desk/Chat',
    [
      [0, BIG],
      [1, BIG],
      [2, 'fail'],
    ],
  ],
  bigFeed: [
    '/shop.Desk/Chat',
    [
      [0, 'feed big'],
      [3, 'fail'],
    ],
  ],
} as const satisfies Readonly<Record<string, readonly [path: string, said: Talk]>>;

type Name = keyof typeof TALKS;

interface Recorded {
  readonly told: ReadonlyMap<Name, Told>;
  readonly failures: ReadonlyMap<Name, LoopSummary>;
  readonly file: (id: LoopId | undefined) => string;
}

/** client → [Envoy] desk → [Envoy, by CONNECT] → feed. Everything but the recording is gone afterwards. */
async function record(root: string): Promise<Recorded> {
  await using world = new AsyncDisposableStack();
  const daemon = await startTestLoopd({ recorder: { bodyBytes: BODY_BYTES } });
  world.defer(() => daemon.close());
  const run = async (name: string, files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>>) => {
    const directory = join(root, name);
    mkdirSync(directory);
    for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text);
    const service = await startService([process.execPath, join(directory, 'server.mjs')], env);
    world.defer(() => service.stop());
    return service;
  };

  const feed = await run('feed', FEED, {});
  const deskPort = await freePort();
  const envoy = await startEnvoy(
    bentSidecar(
      {
        speaker: { service: 'desk', instance: 'desk-1' },
        sink: daemon.sink,
        envoyVersion: { major: 1, minor: 40 },
        admin: socket('127.0.0.1', 0),
        inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', deskPort) },
        outbound: {
          listen: socket('127.0.0.1', 0),
          upstreams: [{ name: 'feed', hosts: ['feed.test'], address: socket('127.0.0.1', feed.port) }],
        },
      },
      { patient: true },
    ),
  );
  world.defer(() => envoy.stop());
  await run('desk', DESK, { PORT: String(deskPort), http_proxy: await envoy.listener('outbound') });

  const inbound = await envoy.listener('inbound');
  const told = new Map<Name, Told>();
  const traces = new Map<string, Name>();
  for (const name of Object.keys(TALKS) as Name[]) {
    const trace = randomBytes(16).toString('hex');
    traces.set(String(parseTransactionKey(`trace:${trace}`)), name);
    const [path, said] = TALKS[name];
    told.set(name, await talk(inbound, path, said, `00-${trace}-00000000000000ab-01`));
  }
  const loops = await until(
    () => allFailures(daemon.api),
    (all) => all.length >= told.size,
    60_000,
  );
  const failures = new Map<Name, LoopSummary>();
  for (const loop of loops) {
    const name = traces.get(String(loop.transaction));
    if (name === undefined) continue;
    failures.set(name, loop);
    writeFileSync(join(root, `${loop.id}.loop`), await daemon.api.recording(loop.id, { open: true }), { mode: 0o600 });
  }
  return { told, failures, file: (id) => join(root, `${id}.loop`) };
}

describe('streams that a failing service serves', () => {
  let root = '';
  let recorded: Recorded;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'loop-grpc-streams-'));
    recorded = await record(root);
  }, 120_000);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const replay = async (name: Name): Promise<ReplayReport> => {
    const project = makeProject(DESK);
    const { stdout, stderr } = await loopctl(
      ['replay', recorded.file(recorded.failures.get(name)?.id), '-o', 'json', '--service', 'desk'],
      { cwd: project.directory, data: project.data },
    );
    if (stdout === '') throw new Error(stderr);
    return checkedReport(stdout);
  };

  it('are kept, each once, with the desk as their origin', () => {
    expect(Object.fromEntries(recorded.told)).toMatchObject({
      both: { code: 13, details: 'after 3 messages, 12 bytes', messages: ['heard 3', 'heard 5'] },
      upload: { code: 13, details: 'after 3 messages, 16 bytes', messages: [] },
      open: { code: 13, details: 'after 2 messages, 13 bytes', messages: ['feed 6', 'feed 6'] },
      big: { code: 13, details: 'after 2 messages, 5000004 bytes', messages: ['heard 5000000'] },
      tooBig: { code: 13, details: 'after 3 messages, 10000004 bytes' },
      bigFeed: { code: 13, messages: ['feed 5000000', 'feed 5000000', 'feed over'] },
    });
    expect([...recorded.failures.keys()].toSorted()).toEqual([...recorded.told.keys()].toSorted());
    for (const loop of recorded.failures.values())
      expect(loop).toMatchObject({ outcome: 'failed', origin: { service: 'desk', summary: 'grpc 13 INTERNAL' } });
  });

  it.for([
    ['both', '["68656172642033","68656172642035"]', []],
    ['upload', '', []],
    ['open', '["666565642036","666565642036"]', ['exact /shop.Feed/Watch (1 sent, 2 received)']],
    ['big', undefined, []],
  ] as const)('%s: reproduced, message by message', async ([name, body, calls], context) => {
    await skipWithoutNamespaces(context);
    const report = await replay(name);
    const grpc = { status: 13, message: recorded.told.get(name)?.details };
    const said = { status: 200, grpc, ...(body !== undefined && { body }) };
    expect(report).toMatchObject({ outcome: 'reproduced', diff: [], missed: [], recorded: said, replayed: said });
    expect(report.calls.map(({ grade, summary }) => `${grade} ${summary}`)).toEqual(calls);
    const stillOpen =
      name === 'open' ? ['outbound POST /shop.Feed/Watch at desk: was still going on when it was kept'] : [];
    expect(report.holes).toEqual(stillOpen);
  });

  it('what did not fit of the request is named, and the service not waited for', async (context) => {
    await skipWithoutNamespaces(context);
    const report = await replay('tooBig');
    expect(report).toMatchObject({ outcome: 'differs', replayed: { grpc: { status: 0 } } });
    expect(report.holes).toContainEqual(
      expect.stringMatching(/Desk\/Chat.* bytes of the request were not kept \(budget\)$/),
    );
  });

  it('what did not fit of an answer is named, and its stream played as far as it was kept', async (context) => {
    await skipWithoutNamespaces(context);
    const report = await replay('bigFeed');
    expect(report.outcome).toBe('differs');
    expect(report.calls).toMatchObject([
      {
        grade: 'drifted',
        summary: '/shop.Feed/Watch (1 sent, 1 received)',
        explanation: ['the recording lacks the rest of what the server sent'],
      },
    ]);
    expect(report.holes).toContainEqual(
      expect.stringMatching(/Feed\/Watch.* bytes of the answer were not kept \(budget\)$/),
    );
  });
});
