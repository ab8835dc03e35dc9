/** One failure of the shop, recorded through real Envoy sidecars, replayed hop by hop once all of the shop is gone. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LoopId } from '../../src/domain/ids.ts';
import { loopctl, REPOSITORY } from '../support/cli.ts';
import { checkedReport } from '../support/project.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import { recordShopFailure } from '../support/shop-failure.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { startTestLoopd } from '../support/test-loopd.ts';

const SHOP = join(REPOSITORY, 'examples/shop');
const BUG = JSON.stringify({ error: 'invalid input syntax for type integer: "NaN"' });

const root = mkdtempSync(join(tmpdir(), 'shop-replay-'));
let daemon: TestLoopd;
let id: LoopId;

beforeEach(skipWithoutNamespaces);

beforeAll(async () => {
  daemon = await startTestLoopd();
  id = await recordShopFailure({ directory: root, daemon });
});

afterAll(async () => {
  await daemon.close();
  rmSync(root, { recursive: true, force: true });
});

async function replay(words: readonly string[], cwd = SHOP, data = daemon.data) {
  const ended = await loopctl(['replay', id, '-o', 'json', ...words], { cwd, data });
  if (ended.stdout === '') throw new Error(`There is no report: ${ended.stderr}`);
  return { code: ended.code, report: checkedReport(ended.stdout) };
}

describe('the origin, pricing', () => {
  it('fails again in just that way, its keys, its database and its cache from the recording', async () => {
    const { code, report } = await replay(['--', 'node', 'server.js'], join(SHOP, 'pricing'));
    expect(report).toMatchObject({
      service: 'pricing',
      trigger: 'POST /quotes',
      outcome: 'reproduced',
      missed: [],
      refused: [],
    });
    expect(report.replayed).toEqual({ status: 500, bytes: BUG.length, body: BUG });
    expect(report.calls[0]).toMatchObject({ summary: 'GET /.well-known/jwks.json', grade: 'borrowed' });
    // Two customers share pricing's connections: what may have been for the other is never more than normalised.
    // What a driver asks by itself when it connects (INFO) is made up, or as it was asked before the first request.
    const stored = report.calls.filter(
      ({ protocol, grade, source }) => protocol !== 'http' && grade !== 'synthesised' && source !== 'ambient',
    );
    expect(stored.map(({ protocol, summary }) => `${protocol} ${summary.split(' ').slice(0, 2).join(' ')}`)).toEqual([
      'postgres BEGIN',
      'postgres SELECT l.sku,',
      expect.stringMatching(/^redis GET terms:(?:SPRING10|TEATIME25)$/),
      'postgres INSERT INTO',
      'postgres ROLLBACK',
    ]);
    expect(code).toBe(0);
  });

  it('is not ready without the ambient profile: it verifies tokens, and has no keys', async () => {
    const { code, stdout, stderr } = await loopctl(['replay', id, '--no-ambient', '--ready-timeout', '6', '--quiet'], {
      cwd: SHOP,
      data: daemon.data,
    });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/\nError: The service .+\.\nIts last lines:\n/);
    expect(stderr).toMatch(
      /\nIt asked for what was not recorded:\n(?: {2}.+\n)* {2}.*accounts\.shop.*\n(?: {2}.+\n)*Try: .+\n$/,
    );
  });

  it('stops at the line, with the values that were recorded', async () => {
    const { report } = await replay(['--break', 'allocate.js:18', '--', 'node', 'server.js'], join(SHOP, 'pricing'));
    const [hit] = report.debugger.breakpoints;
    // NaN comes of a price in Postgres and of terms in Redis, both of which the recording has.
    expect(hit?.locals).toContainEqual({ name: 'share', value: 'NaN' });
    expect(hit?.locals).toContainEqual({ name: 'line', value: expect.stringMatching(/unitCents: 0 }$/) as string });
    expect(hit?.locals).toContainEqual({
      name: 'terms',
      value: expect.stringMatching(/^{ v: 1, mostCents: /) as string,
    });
  });
});

describe('its callers', () => {
  it.each([
    ['gateway', 'POST /orders'],
    ['orders', 'POST /orders'],
  ])('%s passes the failure on again', async (service, trigger) => {
    const { code, report } = await replay(['--service', service]);
    expect(report).toMatchObject({ service, trigger, outcome: 'reproduced', missed: [], replayed: { status: 502 } });
    expect(code).toBe(0);
  });
});

describe('two at once', () => {
  it('do not meet, although they speak to databases of the same names', async () => {
    const both = await Promise.all([replay([]), replay(['--service', 'orders'])]);
    expect(both.map(({ report }) => `${report.service} ${report.outcome}`)).toEqual([
      'pricing reproduced',
      'orders reproduced',
    ]);
    expect(both[1]?.report.calls.every(({ protocol }) => protocol === 'http')).toBe(true);
  });
});

describe('the recording', () => {
  it('is shown with the statement that failed, and what the cache was asked', async () => {
    const { code, stdout } = await loopctl(['show', id], { data: daemon.data });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /postgres postgres\.shop {2}INSERT INTO quotes .+ 22P02 invalid input syntax for type integer: "NaN"/,
    );
    expect(stdout).toMatch(/redis redis\.shop {2}GET terms:\S+ {2}ok/);
    expect(stdout).toMatch(/pricing {2}POST \/quotes {2}500 .+ ← began here/);
  });

  it('travels: exported open, imported elsewhere, replayed there', async () => {
    const elsewhere = temporaryDirectory();
    const file = join(elsewhere, 'failure.loop');
    const exported = await loopctl(['export', id, '--open', '-o', file], { data: daemon.data });
    expect(exported).toMatchObject({ code: 0, stdout: `${file}\n` });
    const data = join(elsewhere, 'data');
    expect(await loopctl(['import', file], { data })).toMatchObject({ code: 0, stdout: `${id}\n` });
    const { report } = await replay([], SHOP, data);
    expect(report).toMatchObject({ service: 'pricing', outcome: 'reproduced' });
  });

  it('exported sealed is of no use elsewhere', async () => {
    const elsewhere = temporaryDirectory();
    const file = join(elsewhere, 'failure.loop');
    await loopctl(['export', id, '-o', file], { data: daemon.data });
    const { code, stderr } = await loopctl(['import', file], { data: join(elsewhere, 'data') });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error: .+\nTry: .+\n$/);
  });
});
