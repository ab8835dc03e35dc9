/** One failure of the shop, verified with the bug, with the bug mended, and with the bug hidden. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { VERIFY_REPORT } from '../../replay-sandbox/verify/report.ts';
import type { LoopId } from '../../src/domain/ids.ts';
import { loopctl, REPOSITORY } from '../support/cli.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import { recordShopFailure } from '../support/shop-failure.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { startTestLoopd } from '../support/test-loopd.ts';

const SHOP = join(REPOSITORY, 'examples/shop');
/** What the bug is: nobody asks whether there is anything to spread a discount over. */
const BUG = 'if (subtotal < terms.minimumCents) return atFullPrice(lines);';

const root = mkdtempSync(join(tmpdir(), 'verify-'));
let daemon: TestLoopd;
let id: LoopId;

beforeEach(skipWithoutNamespaces);

beforeAll(async () => {
  daemon = await startTestLoopd();
  id = await recordShopFailure({ directory: root, daemon, good: 30 });
});

afterAll(async () => {
  await daemon.close();
  rmSync(root, { recursive: true, force: true });
});

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
