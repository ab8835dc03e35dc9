import { describe, expect, it } from 'vitest';
import { shellWords } from '../../cli/words.ts';

describe('a command line in words', () => {
  it.each<[string, readonly string[] | undefined]>([
    ['', []],
    ['   ', []],
    ['node orders.js', ['node', 'orders.js']],
    [`node "my app.js" 'it is'`, ['node', 'my app.js', 'it is']],
    ['a\\ b c', ['a b', 'c']],
    [`--x="1 2"'3 4'5`, ['--x=1 23 45']],
    [`"say \\"hi\\" \\$HOME \\n" '\\n'`, ['say "hi" $HOME \\n', '\\n']],
    [`"" ''`, ['', '']],
    ['$HOME *.js; ls | wc', ['$HOME', '*.js;', 'ls', '|', 'wc']],
    ['node "open', undefined],
    [`node 'open`, undefined],
    ['node \\', undefined],
  ])('%s', (text, words) => {
    expect(shellWords(text)).toEqual(words);
  });
});
