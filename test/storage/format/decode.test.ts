import fc from 'fast-check';
import { pack, type Header } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import type { LoopFile } from '../../../src/domain/loop-file.ts';
import { newStoreKey } from '../../../src/seal/keys.ts';
import { openLoopFile } from '../../../src/seal/open.ts';
import { DEFAULT_CAPS, type LoopFileCaps } from '../../../storage/format/caps.ts';
import { decodeLoopFile } from '../../../storage/format/decode.ts';
import { encodeLoopFile } from '../../../storage/format/encode.ts';
import { LoopFileError } from '../../../storage/format/errors.ts';
import { openFile, sealedFile } from '../../support/loop-file.ts';

/** Equal but for Buffer and Uint8Array being two things. */
const plain = (file: LoopFile) => ({
  ...file,
  parts: file.parts.map((part) => Buffer.from(part)),
  companions: file.companions.map((one) => ({ ...one, parts: one.parts.map((part) => Buffer.from(part)) })),
});

async function refusal(bytes: Uint8Array, caps: Partial<LoopFileCaps> = {}): Promise<LoopFileError> {
  const result = await decodeLoopFile(bytes, { ...DEFAULT_CAPS, ...caps }).catch((error: unknown) => error);
  if (!(result instanceof LoopFileError)) throw new Error(`was not refused: ${String(result)}`);
  return result;
}

async function tar(
  entries: readonly (Partial<Header> & { readonly name: string; readonly body?: string })[],
): Promise<Uint8Array> {
  const packing = pack();
  for (const { body = '', ...header } of entries) packing.entry(header, body);
  packing.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of packing) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

describe('a loop file', () => {
  it('decodes to what was encoded, companions too', async () => {
    const key = newStoreKey();
    const file = sealedFile(1, key, { subject: 'GET /', companions: [sealedFile(2, key), openFile(3, { parts: [] })] });
    const decoded = await decodeLoopFile(await encodeLoopFile(file));
    expect(plain(decoded)).toEqual(plain(file));
    expect(openLoopFile(decoded, key)).toMatchObject({
      seal: { kind: 'open' },
      companions: [{ seal: { kind: 'open' } }, {}],
    });
  });

  it('is the same bytes for the same recording', async () => {
    expect(await encodeLoopFile(openFile(1))).toEqual(await encodeLoopFile(openFile(1)));
  });

  it('decodes from pieces of any size', async () => {
    const bytes = await encodeLoopFile(openFile(1, { companions: [openFile(2)] }));
    for (const size of [1, 7, 512, 513, 1_000_000]) {
      async function* pieces() {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      }
      expect(plain(await decodeLoopFile(pieces()))).toEqual(plain(openFile(1, { companions: [openFile(2)] })));
    }
  });

  it('is refused wherever it is cut', async () => {
    const bytes = await encodeLoopFile(openFile(1));
    // The last kilobyte of a tar is zeros that only say it is over.
    for (let length = 0; length < bytes.length - 1024; length += 97)
      expect((await refusal(bytes.subarray(0, length))).code).toMatch(/damaged|not-a-loop/);
  });

  it('is refused or harmless when bytes of it are changed', async () => {
    const bytes = await encodeLoopFile(openFile(1));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        async (changes) => {
          const changed = Uint8Array.from(bytes);
          for (const [at, value] of changes) changed[at] = value;
          const result = await decodeLoopFile(changed).catch((error: unknown) => error);
          const outcome =
            result instanceof LoopFileError ? 'refused' : (result as LoopFile).parts.map((part) => part.length).join();
          expect(['refused', '12,1500']).toContain(outcome);
        },
      ),
    );
  });

  it('that is none says so', async () => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('hello'),
      Buffer.alloc(5000, 'x'),
      Buffer.from([0x1f, 0x8b, 8, 0]),
    ]) {
      expect(await refusal(bytes)).toMatchObject({
        code: 'not-a-loop',
        hint: expect.stringContaining('loopctl export'),
      });
    }
    expect(await refusal(await tar([{ name: 'view.json', body: '{}' }]))).toMatchObject({
      message: 'This is not a loop file. Its first entry is view.json, not loop.json.',
    });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
        expect((await refusal(bytes)).code).toMatch(/not-a-loop|damaged/);
      }),
    );
  });
});

describe('entries that have no place in a recording are refused by name', () => {
  it.each<Partial<Header> & { name: string }>([
    { name: '../../etc/passwd' },
    { name: '/etc/passwd' },
    { name: 'segments/../../x.seg' },
    { name: 'segments/0001.seg\u0001' },
    { name: 'x'.repeat(100) },
    { name: 'loop.json', type: 'symlink', linkname: '/etc/passwd' },
    { name: 'loop.json', type: 'link', linkname: 'view.json' },
    { name: 'segments/0001.seg', type: 'character-device' },
    { name: 'segments/0001.seg', type: 'block-device' },
    { name: 'segments/0001.seg', type: 'fifo' },
    { name: 'segments', type: 'directory' },
  ])('%j', async (entry) => {
    const error = await refusal(await tar([entry]));
    expect(error.code).toBe('unsafe-entry');
    expect(error.message).toContain(JSON.stringify(entry.name.slice(0, 200)).slice(0, -1));
    expect(error.hint).toMatch(/^Nothing was written\./);
  });

  it('names that are listed nowhere or twice are damage', async () => {
    const twice = await tar([{ name: 'loop.json' }, { name: 'loop.json' }]);
    expect((await refusal(twice)).message).toBe('The loop file is damaged: it has loop.json twice.');
    const file = openFile(1, { companions: [openFile(2)] });
    const lonely = Buffer.concat([
      (await encodeLoopFile(openFile(1))).subarray(0, -1024),
      await tar([{ name: 'segments/0009.seg', body: 'x' }]),
    ]);
    expect((await refusal(lonely)).message).toBe(
      'The loop file is damaged: segments/0009.seg is not named by loop.json.',
    );
    const nested = { ...file, companions: [openFile(2, { companions: [openFile(3)] })] };
    expect((await refusal(await encodeLoopFile(nested))).message).toBe(
      'The loop file is damaged: the companion 000000000002 names companions of its own.',
    );
  });

  it('a view that is no view is damage', async () => {
    for (const view of ['', '[]', 'null', '{"version":"1"}', '{'])
      expect(await refusal(await encodeLoopFile(openFile(1, { view })))).toMatchObject({ code: 'damaged' });
  });
});

describe('caps', () => {
  it('on the whole, on entries and on each of them', async () => {
    const bytes = await encodeLoopFile(openFile(1));
    expect(await refusal(bytes, { totalBytes: bytes.length - 1 })).toMatchObject({ code: 'too-large' });
    expect(await refusal(bytes, { entries: 3 })).toMatchObject({
      code: 'too-large',
      message: 'The loop file is too large: it has more than 3 entries.',
    });
    expect(await refusal(bytes, { partBytes: 1499 })).toMatchObject({
      message: 'The loop file is too large: segments/0002.seg has 1500 bytes, at most 1499 are read.',
    });
    expect(await refusal(bytes, { viewBytes: 10 })).toMatchObject({ code: 'too-large' });
    expect(await refusal(bytes, { manifestBytes: 10 })).toMatchObject({ code: 'too-large' });
    await decodeLoopFile(bytes, { ...DEFAULT_CAPS, totalBytes: bytes.length, entries: 4, partBytes: 1500 });
  });

  it('hold for what a header merely claims', async () => {
    // 8 GiB - 1 in octal, and the header's checksum anew: nothing of it follows.
    const header = Buffer.from((await tar([{ name: 'loop.json' }])).subarray(0, 512));
    header.write('77777777777\0', 124, 'latin1');
    header.fill(' ', 148, 156);
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
      'latin1',
    );
    const before = process.memoryUsage().rss;
    expect(await refusal(header)).toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('loop.json has 8589934591 bytes'),
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(10_000_000);
  });

  it('stop a flood of entries early', async () => {
    const one = (await tar([{ name: 'segments/0001.seg' }])).subarray(0, 512);
    let taken = 0;
    async function* flood() {
      for (; taken < 1_000_000; taken += 1000) yield Buffer.concat(Array.from({ length: 1000 }, () => one));
    }
    await expect(decodeLoopFile(flood())).rejects.toMatchObject({ code: 'too-large' });
    expect(taken).toBeLessThan(20_000);
  });
});
