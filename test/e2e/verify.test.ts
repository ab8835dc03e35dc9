/** One failure of the shop, verified with the bug, with the bug mended, and with the bug hidden. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_MIX } from '../../examples/shop/run/deck.ts';
import { startShop } from '../../examples/shop/run/shop.ts';
import { sendTraffic } from '../../examples/shop/run/traffic.ts';
import { VERIFY_REPORT } from '../../replay-sandbox/verify/report.ts';
import type { LoopApi } from '../../src/api/port.ts';
import type { LoopId } from '../../src/domain/ids.ts';
import { loopctl, REPOSITORY } from '../support/cli.ts';
import { envoyPath } from '../support/envoy.ts';
import { redisPath } from '../support/redis.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { allFailures, startTestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

const SHOP = join(REPOSITORY, 'examples/shop');
/** On a machine that has no time for them, sidecars let traffic pass unrecorded, by design: then there is another round. */
const ROUNDS = 5;
/** What the bug is: nobody asks whether there is anything to spread a discount over. */
const BUG = 'if (subtotal < terms.minimumCents) return atFullPrice(lines);';

const root = mkdtempSync(join(tmpdir(), 'verify-'));
let daemon: TestLoopd;
let id: LoopId;

beforeEach(skipWithoutNamespaces);

beforeAll(async () => {
  daemon = await startTestLoopd();
  const shop = await startShop({
    directory: join(root, 'shop'),
    sinkAddress: `unix:${daemon.sink.path}`,
    envoyPath: envoyPath(),
    redisPath: redisPath(),
    log: () => undefined,
  });
  try {
    id = await failure(shop.entryUrl, daemon.api);
  } finally {
    await shop.stop();
    await daemon.loopd.stop();
  }
});

afterAll(async () => {
  await daemon.close();
  rmSync(root, { recursive: true, force: true });
});

async function failure(entryUrl: string, api: LoopApi): Promise<LoopId> {
  for (let round = 1; round <= ROUNDS; round += 1) {
    // Good orders first: without them nobody knows what a good answer is.
    await sendTraffic({ entryUrl, requests: 30, perSecond: 20, customers: 2, seed: round, mix: DEFAULT_MIX });
    const mix = { ...DEFAULT_MIX, giftOrder: 10 };
    const { failed } = await sendTraffic({ entryUrl, requests: 40, perSecond: 20, customers: 2, seed: round, mix });
    if (failed.length === 0) continue;
    const isWhole = ({ path, origin, holes, commands }: Awaited<ReturnType<typeof allFailures>>[number]) =>
      path === '/orders' && origin?.service === 'pricing' && holes.length === 0 && commands > 0;
    const listed = await until(
      () => allFailures(api),
      (loops) => loops.some(isWhole),
      10_000,
    ).catch(() => []);
    const found = listed.find(isWhole);
    if (found !== undefined) return found.id;
  }
  throw new Error(`In ${ROUNDS} rounds no failure was recorded whole.`);
}

/** A copy of the project in which this stands in place of a piece of a file. */
function project(name: string, file: string, from: string, to: string): string {
  const directory = join(root, name);
  mkdirSync(directory);
  for (const part of ['loop.yaml', 'pricing', 'kit'])
    cpSync(join(SHOP, part), join(directory, part), { recursive: true });
  symlinkSync(join(REPOSITORY, 'node_modules'), join(directory, 'node_modules'));
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  const path = join(directory, file);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  writeFileSync(path, text.replace(from, to));
  return join(directory, 'pricing');
}

async function verify(cwd: string, words: readonly string[] = []) {
  const ended = await loopctl(['verify', id, '-o', 'json', '--quiet', ...words, '--', 'node', 'server.js'], {
    cwd,
    data: daemon.data,
  });
  if (ended.stdout === '') throw new Error(`There is no report: ${ended.stderr}`);
  return { code: ended.code, report: VERIFY_REPORT.parse(JSON.parse(ended.stdout)) };
}

describe('verify', () => {
  it('says that it still fails, as long as nobody has done anything', async () => {
    const { code, report } = await verify(join(SHOP, 'pricing'));
    expect(report).toMatchObject({ service: 'pricing', verdict: 'still-fails', judgedBy: 'exemplars', missing: [] });
    expect(report.exemplars).toBeGreaterThan(0);
    expect(report.broken[0]).toEqual({ path: 'status', expected: '2xx', got: '500' });
    expect(code).toBe(5);
  });

  it('says that it is gone once the bug is mended', async () => {
    const mended = BUG.replace('subtotal <', 'subtotal === 0 || subtotal <');
    const cwd = project('mended', 'pricing/allocate.js', BUG, mended);
    const { code, report } = await verify(cwd);
    expect(report.missing).toEqual([]);
    expect(report).toMatchObject({ verdict: 'gone', broken: [], failure: null, replay: { replayed: { status: 201 } } });
    // What it writes now was never written: said, with what differs.
    expect(report.drifted.some(({ write, summary }) => write && summary.startsWith('INSERT INTO quotes'))).toBe(true);
    expect(code).toBe(0);
  });

  it('is not taken in by a 200 that lacks what good answers have', async () => {
    const handler = 'async function createQuote({ body, customer }) {';
    const hidden = `async function createQuote(call) { try { return await quote(call); } catch { return { status: 201, body: { id: 0 } }; } }\nasync function quote({ body, customer }) {`;
    const cwd = project('hidden', 'pricing/server.js', handler, hidden);
    const { code, report } = await verify(cwd);
    expect(report).toMatchObject({ verdict: 'hidden', failure: null });
    expect(report.broken).toContainEqual({ path: 'body.subtotalCents', expected: 'number', got: 'nothing' });
    expect(code).toBe(5);
  });
});
