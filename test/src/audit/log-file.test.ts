import { createHmac } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { AuditLog } from '../../../src/audit/log-file.ts';
import { reserveFile } from '../../../src/audit/reserve-file.ts';
import type { AuditFacts, AuditHeadStore } from '../../../src/domain/audit.ts';
import { StorageError } from '../../../storage/errors.ts';
import { openAuditHead } from '../../../storage/sqlite/audit-head.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { T0 } from '../../support/transaction.ts';

const KEY = { kind: 'audit-key', bytes: new Uint8Array(32).fill(7) } as const;
const MINUTE_MS = 60_000;

let directory: string;
let now: number;
const file = () => join(directory, 'audit.jsonl');
const lines = () => readFileSync(file(), 'utf8').trimEnd().split('\n');

beforeEach(() => {
  directory = temporaryDirectory();
  now = T0;
});

function openLog(head: AuditHeadStore = openAuditHead(join(directory, 'audit.sqlite'))): AuditLog {
  const reserve = reserveFile(join(directory, 'audit.reserve'));
  const log = new AuditLog({ file: file(), head, key: KEY, clock: { now: () => now }, reserve });
  onTestFinished(() => log.close());
  return log;
}

const done = (act: string, about: AuditFacts = {}) => ({ actor: 'ada', act, about });

/** What was done, oldest first, and where the chain breaks. */
async function told(log: AuditLog): Promise<string> {
  const { entries, chain } = await log.page({ limit: 100 });
  const acts = entries.toReversed().map(({ sequence, act }) => `${sequence} ${act}`);
  return [...acts, chain.whole ? 'whole' : `broken at ${chain.broken}`].join(', ');
}

async function logWith(...acts: readonly string[]): Promise<AuditLog> {
  const log = openLog();
  for (const act of acts) await log.record(done(act));
  return log;
}

describe('the audit', () => {
  it('has a line for each act, whose hash anybody with the key can make', async () => {
    const log = openLog();
    await log.record(done('open', { loop: 'one' }));
    now += 1;
    await log.record(done('delete', { loop: 'two', exemplars: 3, late: true }));
    const [first = '', second = ''] = lines();
    expect(JSON.parse(second)).toEqual({
      sequence: 2,
      at: '2026-01-02T03:04:05.001Z',
      actor: 'ada',
      act: 'delete',
      about: { loop: 'two', exemplars: 3, late: true },
      hash: createHmac('sha256', KEY.bytes)
        .update(`${(JSON.parse(first) as { hash: string }).hash}\n${second.replace(/,"hash":"[0-9a-f]+"/, '')}`)
        .digest('hex'),
    });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    const { entries, chain, head } = await log.page({ limit: 10 });
    expect(entries.map(({ at, act, about }) => [at, act, about])).toEqual([
      [T0 + 1, 'delete', { loop: 'two', exemplars: 3, late: true }],
      [T0, 'open', { loop: 'one' }],
    ]);
    expect(chain).toEqual({ whole: true, entries: 2 });
    expect(head).toMatchObject({ sequence: 2, hash: entries[0]?.hash });
  });

  it('is read a page at a time', async () => {
    const log = await logWith('a', 'b', 'c', 'd', 'e');
    const first = await log.page({ limit: 2 });
    expect(first.entries.map(({ act }) => act)).toEqual(['e', 'd']);
    const second = await log.page({ limit: 2, before: first.next });
    expect(second.entries.map(({ act }) => act)).toEqual(['c', 'b']);
    const third = await log.page({ limit: 2, before: second.next });
    expect(third.entries.map(({ act }) => act)).toEqual(['a']);
    expect(third.next).toBeUndefined();
    expect((await openLog().page({ limit: 9, before: 1 })).entries).toEqual([]);
  });

  it('is empty before anybody does anything', async () => {
    expect(await told(openLog())).toBe('whole');
  });

  it('holds what is written into it on one line, at most so much', async () => {
    const log = openLog();
    await log.record(done('open', { reason: `two\nlines "quoted" \u2028 ${'x'.repeat(9000)}` }));
    await log.record(done('close'));
    expect(lines()).toHaveLength(2);
    expect(lines()[0]?.length).toBeLessThan(1000);
    expect(await told(log)).toBe('1 open, 2 close, whole');
  });

  it('writes a look down once a minute for each who looks and what at; what changes or opens something always', async () => {
    const log = openLog();
    const looked = [
      done('view', { loop: 'one' }),
      done('view', { loop: 'two' }),
      { ...done('view', { loop: 'one' }), actor: 'ben' },
    ];
    for (const act of [...looked, ...looked, done('open', { loop: 'one' }), done('open', { loop: 'one' })])
      await log.record(act);
    expect(lines()).toHaveLength(5);
    now += MINUTE_MS - 1;
    await log.record(done('view', { loop: 'one' }));
    expect(lines()).toHaveLength(5);
    now += 1;
    await log.record(done('view', { loop: 'one' }));
    expect(lines()).toHaveLength(6);
  });

  it('is one chain, though several processes write', async () => {
    const [one, other] = [openLog(), openLog()];
    for (let turn = 0; turn < 5; turn += 1) {
      await one.record(done(`one-${turn}`));
      await other.record(done(`other-${turn}`));
    }
    expect((await one.page({ limit: 100 })).chain).toEqual({ whole: true, entries: 10 });
    expect((await other.page({ limit: 100 })).chain).toEqual({ whole: true, entries: 10 });
  });
});

describe('an altered audit shows where', () => {
  const rewrite = (change: (all: string[]) => string[]): void =>
    writeFileSync(file(), `${change(lines()).join('\n')}\n`);

  it.each<readonly [string, (all: string[]) => string[], string]>([
    ['a changed word', (all) => all.map((line) => line.replace('"b"', '"x"')), 'broken at 2'],
    ['a line taken out', (all) => all.filter((_, index) => index !== 1), 'broken at 2'],
    ['the first line taken out', (all) => all.slice(1), 'broken at 1'],
    ['lines that changed places', ([a = '', b = '', c = '']) => [a, c, b], 'broken at 2'],
    ['a line twice', ([a = '', b = '', c = '']) => [a, b, b, c], 'broken at 3'],
    ['a line put in between', ([a = '', b = '', c = '']) => [a, 'hello', b, c], 'broken at 2'],
    ['a line in front', (all) => ['hello', ...all], 'broken at 1'],
    ['the last line taken out', (all) => all.slice(0, -1), 'broken at 3'],
    ['all taken out', () => [], 'broken at 1'],
  ])('%s', async (_what, change, expected) => {
    const log = await logWith('a', 'b', 'c');
    expect(await told(log)).toBe('1 a, 2 b, 3 c, whole');
    rewrite(change);
    expect(await told(log)).toContain(expected);
    expect(await told(openLog())).toContain(expected);
    await log.record(done('d'));
    expect(await told(log)).toContain(expected);
  });

  it('the file taken away', async () => {
    const log = await logWith('a', 'b');
    rmSync(file());
    expect(await told(log)).toBe('3 audit-shortened, broken at 1');
  });

  it('a chain that was made anew without the key', async () => {
    const log = await logWith('a', 'b');
    const directoryOfOther = temporaryDirectory();
    const other = new AuditLog({
      file: join(directoryOfOther, 'audit.jsonl'),
      head: openAuditHead(join(directoryOfOther, 'audit.sqlite')),
      key: { kind: 'audit-key', bytes: new Uint8Array(32) },
      clock: { now: () => now },
      reserve: reserveFile(join(directoryOfOther, 'reserve')),
    });
    onTestFinished(() => other.close());
    for (const act of ['x', 'y']) await other.record(done(act));
    writeFileSync(file(), readFileSync(join(directoryOfOther, 'audit.jsonl')));
    expect(await told(log)).toContain('broken at 1');
  });

  it('its head taken away: the chain goes on, and nobody vouches for what was before', async () => {
    const log = await logWith('a', 'b');
    log.close();
    rmSync(join(directory, 'audit.sqlite'));
    expect(await told(openLog())).toBe('1 a, 2 b, 3 audit-head-lost, broken at 3');
  });
});

describe('after a crash', () => {
  it('an entry that was written and not noted counts', async () => {
    const log = await logWith('a');
    const before = readFileSync(join(directory, 'audit.sqlite'));
    await log.record(done('b'));
    log.close();
    writeFileSync(join(directory, 'audit.sqlite'), before);
    const again = openLog();
    await again.record(done('c'));
    expect(await told(again)).toBe('1 a, 2 b, 3 c, whole');
  });

  it('a line that was cut short is cut off, and that is said', async () => {
    const log = await logWith('a');
    appendFileSync(file(), '{"sequence":2,"at":"2026-0');
    await log.record(done('b'));
    expect(await told(log)).toBe('1 a, 2 audit-mended, 3 b, whole');
    expect((await log.page({ limit: 1, before: 3 })).entries[0]?.about).toEqual({ bytesCutOff: 26 });
  });

  it('that came in the middle of a line, at any byte of it, costs that line and nothing else', async () => {
    const log = await logWith('a', 'b');
    const noted = statSync(file()).size;
    const head = readFileSync(join(directory, 'audit.sqlite'));
    await log.record(done('c'));
    log.close();
    const whole = readFileSync(file());
    for (let size = noted; size <= whole.length; size += 1) {
      writeFileSync(file(), whole.subarray(0, size));
      writeFileSync(join(directory, 'audit.sqlite'), head);
      const again = openLog();
      const said = await told(again);
      again.close();
      const third = size === noted ? '' : size === whole.length ? '3 c, ' : '3 audit-mended, ';
      expect(said).toBe(`1 a, 2 b, ${third}whole`);
    }
  });

  it('wherever somebody cuts it short, it shows: the head stands elsewhere', async () => {
    const log = await logWith('a', 'b', 'c');
    log.close();
    const [whole, head] = [readFileSync(file()), readFileSync(join(directory, 'audit.sqlite'))];
    for (let size = 0; size < whole.length; size += 7) {
      writeFileSync(file(), whole.subarray(0, size));
      writeFileSync(join(directory, 'audit.sqlite'), head);
      const shortened = openLog();
      expect(await told(shortened)).toMatch(/broken at [123]$/);
      shortened.close();
    }
  });
});

describe('a file from before there was a chain', () => {
  const OLDER = '{"at":"2025-01-01T00:00:00.000Z","actor":"ada","act":"open","loop":"x"}\n';

  it('is gone on with, and covered by the first entry', async () => {
    writeFileSync(file(), OLDER.repeat(3));
    const log = openLog();
    await log.record(done('b'));
    expect(await told(log)).toBe('1 chain-begun, 2 b, whole');
    expect(readFileSync(file(), 'utf8').startsWith(OLDER.repeat(3))).toBe(true);
    writeFileSync(file(), readFileSync(file(), 'utf8').replace('ada', 'eve'));
    expect(await told(log)).toBe('1 chain-begun, 2 b, broken at 1');
  });

  it('that ends in half a line', async () => {
    writeFileSync(file(), `${OLDER}{"at":"2025`);
    const log = await logWith('b');
    expect(await told(log)).toBe('1 chain-begun, 2 b, whole');
  });
});

describe('what cannot be written down is not done', () => {
  const full = new StorageError('full', 'There is no space.');
  const fullHead = (spaceIn: () => boolean): AuditHeadStore => {
    const head = openAuditHead(join(directory, 'audit.sqlite'));
    return {
      close: () => head.close(),
      hold: (use) =>
        head.hold((before) => {
          const held = use(before);
          if (spaceIn()) return held;
          held.undo?.();
          throw full;
        }),
    };
  };

  it('on a full disk: `full`, and nothing is left of the line', async () => {
    await logWith('a');
    const log = openLog(fullHead(() => false));
    await expect(log.record(done('open'))).rejects.toMatchObject({ name: 'AuditError', code: 'full' });
    expect(lines()).toHaveLength(1);
  });

  it('but what makes space has some kept back, which is taken again', async () => {
    await logWith('a');
    const reserve = join(directory, 'audit.reserve');
    expect(existsSync(reserve)).toBe(true);
    const log = openLog(fullHead(() => !existsSync(reserve)));
    await expect(log.record(done('open'))).rejects.toMatchObject({ code: 'full' });
    await log.record(done('erase'));
    await log.record(done('token-revoke'));
    expect(lines()).toHaveLength(3);
    expect(existsSync(reserve)).toBe(true);
  });

  it('where its place is not a file: `failed`', async () => {
    const head = openAuditHead(join(directory, 'audit.sqlite'));
    const reserve = reserveFile(join(directory, 'audit.reserve'));
    const log = new AuditLog({ file: directory, head, key: KEY, clock: { now: () => now }, reserve });
    onTestFinished(() => log.close());
    await expect(log.record(done('open'))).rejects.toMatchObject({ code: 'failed' });
  });
});
