import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPrintable, octal, shellWord } from '../../../../../console/src/loop/copy/shell.ts';

/** Text that has ended quoting somewhere before. */
const HOSTILE = [
  '',
  "'",
  "''",
  `"'"'"`,
  "'; touch /tmp/owned; '",
  '$(touch owned)',
  '`touch owned`',
  '${IFS}',
  '$HOME',
  '!!',
  '=ls',
  'tab\tand !history',
  '!important',
  '\\',
  "\\'",
  '\\\\047',
  '%s%n%d',
  '100%',
  '-n',
  '--help',
  '~root',
  '*',
  '{a,b}',
  '#comment',
  'a\nb',
  'a\n',
  '\n\n',
  '\r\nx-evil: 1',
  'tab\tthere',
  '\u001b[201~touch owned\n',
  '\u0007\u007f\u0080\u009b',
  'right\u202eleft',
  'zero\u200bwidth\ufeff',
  'line\u2028separator\u2029',
  'größe 漢字 🙂',
  'é1',
  '\u00011',
];

function printed(word: string): string {
  return execFileSync('sh', ['-c', `printf '%s' ${word}`], { encoding: 'utf8' });
}

describe('a word of the shell', () => {
  test.each(HOSTILE)('%j is one argument with just this value', (text) => {
    const word = shellWord(text) ?? '';
    expect(printed(word)).toBe(text);
    const count = execFileSync('sh', ['-c', `set -- ${word}; printf '%s' "$#"`], { encoding: 'utf8' });
    expect(count).toBe('1');
  });

  test('whatever it is, sh gives it back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        fc.pre(!text.includes('\0'));
        expect(printed(shellWord(text) ?? '')).toBe(text);
      }),
      { numRuns: 60 },
    );
  });

  test('nothing in it can act on a terminal but line ends inside of quotes', () => {
    for (const text of HOSTILE) expect(isPrintable((shellWord(text) ?? '').replaceAll('\n', ''))).toBe(true);
  });

  test('there is none with a NUL', () => {
    expect(shellWord('a\0b')).toBeUndefined();
  });

  test('plain words stay plain', () => {
    expect(shellWord('http://orders.shop/orders')).toBe('http://orders.shop/orders');
    expect(shellWord('it costs 5 €')).toBe("'it costs 5 €'");
  });
});

test.each([...HOSTILE, 'a\0b', '\0\u00001'])('printf writes %j again, byte for byte', (text) => {
  const written = execFileSync('sh', ['-c', `printf ${octal(text)}`]);
  expect(written).toEqual(Buffer.from(text));
});
