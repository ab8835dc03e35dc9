import { PassThrough, Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readSecret } from '../../cli/secret-input.ts';

/** A terminal as readline sees it: typed keys come in, what is written is seen. */
function terminal() {
  const input = Object.assign(new PassThrough(), { isTTY: true, modes: [] as boolean[] });
  const setRawMode = (raw: boolean) => void input.modes.push(raw);
  let seen = '';
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      seen += chunk.toString();
      done();
    },
  });
  return { input: Object.assign(input, { setRawMode }), output, seen: () => seen };
}

async function typed(...keys: readonly string[]) {
  const { input, output, seen } = terminal();
  const read = readSecret('Token: ', input, output);
  for (const key of keys) input.write(key);
  return { text: await read, seen: seen(), modes: input.modes };
}

describe('from a terminal', () => {
  it('a line, without echo, and the terminal as it was', async () => {
    expect(await typed('s3cr3t', '\r')).toEqual({ text: 's3cr3t', seen: 'Token: \n', modes: [true, false] });
  });

  it('can be corrected', async () => {
    expect((await typed('wrong', '\u0015', 'rihgt', '\u007f\u007f\u007f', 'ght', '\r')).text).toBe('right');
  });

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('%s gives up', async (_, key) => {
    expect(await typed(key)).toEqual({ text: undefined, seen: 'Token: \n', modes: [true, false] });
  });
});

describe('from a pipe', () => {
  it('all of it, and no prompt', async () => {
    const { output, seen } = terminal();
    expect(await readSecret('Token: ', Readable.from(['s3c', 'r3t\n']), output)).toBe('s3cr3t\n');
    expect(seen()).toBe('');
  });

  it('not without end', async () => {
    let given = 0;
    async function* endless() {
      for (;;) {
        given += 1;
        yield 'x'.repeat(10_000);
      }
    }
    expect((await readSecret('', Readable.from(endless()), terminal().output))?.length).toBeLessThan(100_000);
    expect(given).toBeLessThan(100);
  });
});
