import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameOf } from '../../../../src/wire/redis/framing.ts';
import { commandOf, decodeFrontend, encodeFrontend, firstArgs, nameOf } from '../../../../src/wire/redis/frontend.ts';

const words = (text: string): readonly string[] | undefined =>
  decodeFrontend(frameOf('client', Buffer.from(text, 'latin1')))?.args.map((arg) =>
    Buffer.from(arg).toString('latin1'),
  );

describe('commands', () => {
  it.each([
    ['*2\r\n$3\r\nget\r\n$0\r\n\r\n', ['get', '']],
    ['*0\r\n', []],
    ['*-1\r\n', []],
    ['\r\n', []],
    ['SET a b\r\n', ['SET', 'a', 'b']],
    ['  SET   a "b c"\n', ['SET', 'a', 'b c']],
    ['SET "\\x00\\n\\"q" \'it\\\'s\'\r\n', ['SET', '\0\n"q', "it's"]],
    ['a"b c" \'\\n\'\r\n', ['ab c', '\\n']],
    ['"\\x4" "\\xzz\\q" ""\r\n', ['x4', 'xzzq', '']],
  ])('%j', (text, args) => {
    expect(words(text)).toEqual(args);
  });

  it.each(['SET "a\r\n', 'SET "a"b\r\n', "SET 'a'b\r\n", 'SET "a\\\r\n', "'\\'\r\n", '*1\r\n$9\r\nab\r\n'])(
    'broken ones are nothing: %j',
    (text) => {
      expect(words(text)).toBeUndefined();
    },
  );

  it.each(['\\x41', '\\\\', "\\'", ' "', '\\x'])('a quote that never closes costs its length: %j', (piece) => {
    const before = performance.now();
    expect(words(`"${piece.repeat(4_000)}\r\n`)).toBeUndefined();
    expect(words(`'${piece.repeat(4_000)}\r\n`)).toBeUndefined();
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  it('tell their first words even when they were cut', () => {
    const bytes = Buffer.from('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$900\r\nvvv');
    const frame = { kind: 'command', type: '*', bytes, cut: true } as const;
    expect(firstArgs(frame, 3).map((arg) => Buffer.from(arg).toString())).toEqual(['SET', 'k']);
  });

  it('have names in capitals', () => {
    expect(nameOf(commandOf('hGetAll', 'x'))).toBe('HGETALL');
    expect(nameOf({ args: [] })).toBe('');
  });

  it.each([false, true])('come back as they went, inline: %s', (inline) => {
    const arg = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.array(arg, { minLength: 1, maxLength: 6 }), (args) => {
        const decoded = decodeFrontend(frameOf('client', encodeFrontend({ args, inline })));
        expect(decoded).toEqual({ kind: 'command', args, inline });
      }),
    );
  });
});
