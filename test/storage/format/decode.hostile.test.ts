/** Files that somebody made to do harm: each is refused by what it is, soon, and at once when its first bytes tell. */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { LoopFile } from '../../../src/domain/loop-file.ts';
import { decodeLoopFile } from '../../../storage/format/decode.ts';
import { encodeLoopFile } from '../../../storage/format/encode.ts';
import { LoopFileError } from '../../../storage/format/errors.ts';
import { openFile } from '../../support/loop-file.ts';
import { paxRecord, TAR_END, tarBlock, tarEntry } from '../../support/tar.ts';
import { loopId } from '../../support/transaction.ts';

const MIB = 1024 * 1024;

/** The refusal, within two seconds; `code: sentence`. */
async function refusal(bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<string> {
  const began = performance.now();
  const result = await decodeLoopFile(bytes).catch((error: unknown) => error);
  expect(performance.now() - began).toBeLessThan(2_000);
  if (!(result instanceof LoopFileError)) throw new Error(`was not refused: ${String(result)}`);
  return `${result.code}: ${result.message}`;
}

const file = (...pieces: readonly Uint8Array[]) => Buffer.concat([...pieces, TAR_END]);

describe('headers that would change what another one says', () => {
  const whole = encodeLoopFile(openFile(1));

  it.each([
    ['a pax path', tarEntry(paxRecord('path', '../../evil'), { name: 'PaxHeader', type: 'x' }), 'pax header'],
    ['a pax size', tarEntry(paxRecord('size', '1e12'), { name: 'PaxHeader', type: 'x' }), 'pax header'],
    ['a pax __proto__', tarEntry(paxRecord('__proto__', 'x'), { name: 'PaxHeader', type: 'x' }), 'pax header'],
    ['a pax header for all', tarEntry(paxRecord('path', 'x'), { name: 'g', type: 'g' }), 'global pax header'],
    [
      'a GNU long name',
      tarEntry('../../evil\0', { name: '././@LongLink', type: 'L', magic: 'ustar  \0' }),
      'GNU long name',
    ],
    [
      'a GNU long link',
      tarEntry('/etc/passwd\0', { name: '././@LongLink', type: 'K', magic: 'ustar  \0' }),
      'GNU long link name',
    ],
    ['a sparse file', tarEntry('x', { name: 'segments/0001.seg', type: 'S', magic: 'ustar  \0' }), 'GNU sparse file'],
  ])('%s', async (_, entry, type) => {
    expect(await refusal(Buffer.concat([entry, await whole]))).toMatch(
      new RegExp(`^unsafe-entry: .+ \\(${type}\\)\\.$`),
    );
  });

  it('a flood of them, at the first', async () => {
    let taken = 0;
    async function* flood() {
      for (; taken < 1_000_000; taken += 1) yield tarEntry(paxRecord('comment', 'x'), { name: 'PaxHeader', type: 'x' });
    }
    expect(await refusal(flood())).toMatch(/^unsafe-entry/);
    expect(taken).toBeLessThan(10);
  });
});

describe('names', () => {
  it.each([
    ['with a NUL', 'loop.json\0../../evil'],
    ['with a backslash', 'segments\\0001.seg'],
    ['of a drive', 'C:\\loop.json'],
    ['in capitals', 'LOOP.JSON'],
    ['that are no UTF-8', Buffer.from([0x6c, 0xff, 0xfe])],
    ['in full-width letters', Buffer.from('loop．json')],
    ['with a slash at the end', 'loop.json/'],
    ['of a device', '/dev/stdin'],
    ['as long as can be', `${'../'.repeat(33)}x`],
    ['of no length', ''],
    ['of prototypes', '__proto__'],
  ])('%s', async (_, name) => {
    expect(await refusal(file(tarEntry('{}', { name })))).toMatch(/^unsafe-entry/);
  });

  it('cut over two fields', async () => {
    expect(await refusal(file(tarEntry('{}', { name: 'passwd', prefix: '../../etc' })))).toContain(
      '"../../etc/passwd"',
    );
  });
});

describe('lengths', () => {
  it.each([
    ['in base 256', Buffer.from('800000000000007fffffffff', 'hex')],
    ['negative', Buffer.alloc(12, 0xff)],
    ['that is no number', 'zzzzzzzzzzz\0'],
  ])('%s, are no tar of ours', async (_, size) => {
    expect(await refusal(file(tarBlock({ size })))).toMatch(/^not-a-loop/);
    const second = file(tarEntry('{}'), tarBlock({ name: 'view.json', size }));
    expect(await refusal(second)).toBe(
      'damaged: The loop file is damaged: a size is not written as loop files have it.',
    );
  });

  it('that are claimed and do not come cost no memory', async () => {
    async function* claims() {
      yield tarBlock({ name: 'segments/0001.seg', size: 256 * MIB });
      yield Buffer.alloc(MIB);
    }
    const before = process.memoryUsage().rss;
    expect(await refusal(claims())).toMatch(/^damaged: .+ ends too early/);
    expect(process.memoryUsage().rss - before).toBeLessThan(20 * MIB);
  });
});

describe('what stands around a tar', () => {
  it.each([
    ['gzip', (bytes: Uint8Array) => gzipSync(bytes)],
    ['zstd', (bytes: Uint8Array) => zstdCompressSync(bytes)],
  ])('%s is named', async (name, pack) => {
    const packed = Buffer.concat([pack(await encodeLoopFile(openFile(1))), Buffer.alloc(512)]);
    expect(await refusal(packed)).toBe(`not-a-loop: This is not a loop file: it was compressed on the way (${name}).`);
  });

  it('a bomb of gigabytes is not opened to see what it is', async () => {
    expect(await refusal(gzipSync(Buffer.alloc(200 * MIB)))).toMatch(/^not-a-loop/);
  });

  it('bytes behind the end are damage, zeros are what some tars write', async () => {
    const bytes = await encodeLoopFile(openFile(1));
    expect((await decodeLoopFile(Buffer.concat([bytes, Buffer.alloc(10_240)]))).summary.id).toBe(loopId(1));
    for (const more of [Buffer.from('x'), bytes, Buffer.alloc(2 * MIB)])
      expect(await refusal(Buffer.concat([bytes, more]))).toBe(
        'damaged: The loop file is damaged: something stands behind its end.',
      );
  });

  it('an end that is not there is damage', async () => {
    const bytes = await encodeLoopFile(openFile(1));
    for (const cut of [1, 512, 513, 1023, 1024])
      expect(await refusal(bytes.subarray(0, -cut))).toBe('damaged: The loop file is damaged: it ends too early.');
  });
});

describe('JSON', () => {
  async function withView(view: string): Promise<Uint8Array> {
    return encodeLoopFile(openFile(1, { view }));
  }

  it('a million deep', async () => {
    const deep = `{"version":1,"x":${'['.repeat(MIB)}${']'.repeat(MIB)}}`;
    expect(await refusal(await withView(deep))).toMatch(/^too-large: .+ view\.json is nested 1048577 deep/);
    expect(await refusal(file(tarEntry(deep)))).toMatch(/^too-large: .+ loop\.json is nested/);
  });

  it('that would be thirty times its size', async () => {
    const before = process.memoryUsage().rss;
    expect(await refusal(await withView(`{"version":1,"x":[${'[],'.repeat(5 * MIB)}[]]}`))).toMatch(
      /^too-large: .+ view\.json has \d+ values, at most 1000000 are read/,
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * MIB);
  });

  it('that is no UTF-8', async () => {
    expect(await refusal(file(tarEntry(Buffer.from([0x22, 0xff, 0x22]))))).toBe(
      'damaged: The loop file is damaged: loop.json is not UTF-8.',
    );
  });

  it.each([
    ['a time beyond all dates', { startedAt: 1e300 }, 'summary.startedAt'],
    ['a time before them', { startedAt: -1e300 }, 'summary.startedAt'],
    ['a negative duration', { durationMs: -1 }, 'summary.durationMs'],
    ['half an exchange', { exchanges: 0.5 }, 'summary.exchanges'],
    ['more bytes than numbers', { bytes: 2 ** 60 }, 'summary.bytes'],
    ['an id of another kind', { id: ['0'] }, 'summary.id'],
  ])('%s', async (_, more, named) => {
    const bent = { ...openFile(1), summary: { ...openFile(1).summary, ...more } } as unknown as LoopFile;
    expect(await refusal(await encodeLoopFile(bent))).toMatch(`damaged: The loop file is damaged: loop.json: ${named}`);
  });

  it('a number that is none in JSON', async () => {
    const bytes = Buffer.from(await encodeLoopFile(openFile(1))).toString('latin1');
    const manifest = /\{\n[^]*?\n\}\n/.exec(bytes)?.[0].replace(/"durationMs": [\d.]+/, '"durationMs": 1e999') ?? '';
    expect(await refusal(file(tarEntry(manifest)))).toContain('loop.json: summary.durationMs');
  });
});

describe('companions', () => {
  it('twice, or the loop itself', async () => {
    const twice = openFile(1, { companions: [openFile(2), openFile(2)] });
    expect(await refusal(await encodeLoopFile(twice))).toMatch(
      /^damaged: .+ has companions\/000000000002\/loop\.json twice/,
    );
    const itself = openFile(1, { companions: [openFile(1)] });
    expect(await refusal(await encodeLoopFile(itself))).toBe(
      'damaged: The loop file is damaged: it names the recording 000000000001 twice.',
    );
  });

  it('that hold another loop, or are chained', async () => {
    const bytes = Buffer.from(await encodeLoopFile(openFile(1, { companions: [openFile(2)] }))).toString('latin1');
    const manifests = [...bytes.matchAll(/\{\n  "format"[^]*?\n\}\n/g)].map(([text]) => text);
    const other = (manifests[1] ?? '').replaceAll('000000000002', '000000000003');
    const view = tarEntry('{"version":1,"id":"000000000001"}', { name: 'view.json' });
    const parts = [
      tarEntry('records of 1', { name: 'segments/0001.seg' }),
      tarEntry(Buffer.alloc(1500, 1), { name: 'segments/0002.seg' }),
    ];
    const companion = [
      tarEntry(other, { name: 'companions/000000000002/loop.json' }),
      tarEntry('{"version":1,"id":"000000000002"}', { name: 'companions/000000000002/view.json' }),
      tarEntry('records of 2', { name: 'companions/000000000002/segments/0001.seg' }),
      tarEntry(Buffer.alloc(1500, 2), { name: 'companions/000000000002/segments/0002.seg' }),
    ];
    expect(await refusal(file(tarEntry(manifests[0] ?? ''), view, ...parts, ...companion))).toBe(
      'damaged: The loop file is damaged: companions/000000000002 holds the loop 000000000003.',
    );
    const chained = openFile(1, { companions: [openFile(2, { companions: [openFile(3)] })] });
    expect(await refusal(await encodeLoopFile(chained))).toMatch(/names companions of its own|is missing/);
  });

  it('that are not there', async () => {
    const bytes = Buffer.from(await encodeLoopFile(openFile(1))).toString('latin1');
    const manifest =
      /\{\n[^]*?\n\}\n/.exec(bytes)?.[0].replace('"companions": []', '"companions": ["000000000009"]') ?? '';
    const view = tarEntry('{"version":1,"id":"000000000001"}', { name: 'view.json' });
    const parts = [
      tarEntry('records of 1', { name: 'segments/0001.seg' }),
      tarEntry(Buffer.alloc(1500, 1), { name: 'segments/0002.seg' }),
    ];
    expect(await refusal(file(tarEntry(manifest), view, ...parts))).toContain(
      'companions/000000000009/loop.json is missing',
    );
  });
});

it('a million entries, each of them right', async () => {
  let taken = 0;
  async function* flood() {
    for (; taken < 1_000_000; taken += 100)
      yield Buffer.concat(
        Array.from({ length: 100 }, (_, index) =>
          tarBlock({ name: `segments/${String(((taken + index) % 9999) + 1).padStart(4, '0')}.seg` }),
        ),
      );
  }
  expect(await refusal(flood())).toBe('too-large: The loop file is too large: it has more than 10000 entries.');
  expect(taken).toBeLessThan(10_200);
});

it('text of many companions, each within its own cap', async () => {
  let sent = 0;
  async function* flood() {
    for (let index = 1; index < 500; index += 1, sent += MIB) {
      yield tarBlock({ name: `companions/${loopId(index)}/view.json`, size: MIB });
      yield Buffer.alloc(MIB, ' ');
    }
  }
  expect(await refusal(flood())).toMatch(/^too-large: .+ more than 201326592 bytes together/);
  expect(sent).toBeLessThan(200 * MIB);
});
