import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readEnvFiles } from '../../cli/env-file.ts';
import { temporaryDirectory } from '../support/temporary.ts';

function read(...texts: readonly string[]): Readonly<Record<string, string>> {
  const directory = temporaryDirectory();
  texts.forEach((text, at) => writeFileSync(join(directory, `${at}.env`), text));
  return readEnvFiles(
    texts.map((_, at) => `${at}.env`),
    directory,
  );
}

it.each([
  ['quotes', `A='one two'\nB="three"`, { A: 'one two', B: 'three' }],
  ['export, spaces and comments', `# all\nexport A = 1 # one\n\nB=2`, { A: '1', B: '2' }],
  ['several lines in quotes', `A="one\ntwo"`, { A: 'one\ntwo' }],
  ['lines of Windows', `A=1\r\nB=2\r\n`, { A: '1', B: '2' }],
  ['an equals sign in a value', `A=b=c`, { A: 'b=c' }],
  ['an empty value, and an empty file', `A=`, { A: '' }],
])('%s', (_, text, variables) => expect(read(text, '')).toEqual(variables));

it('of two files the later counts', () => expect(read('A=1\nB=1', 'A=2')).toEqual({ A: '2', B: '1' }));

it('a file that is not there is named', () => {
  expect(() => readEnvFiles(['gone.env'], '/nowhere')).toThrow(
    /--env-file \/nowhere\/gone\.env cannot be read: ENOENT/,
  );
});
