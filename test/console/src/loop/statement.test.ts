import { expect, test } from 'vitest';
import { statementPieces } from '../../../../console/src/loop/statement.ts';

function marked(text: string, protocol = 'postgres'): string {
  return statementPieces(text, protocol)
    .map((piece) => (piece.parameter === undefined ? piece.text : `<${piece.parameter}>`))
    .join('');
}

test('placeholders are found outside of literals, names and comments', () => {
  expect(marked('SELECT $2, \'$1\', "$1" /* $1 */ WHERE a = $1 -- $3')).toBe(
    'SELECT <1>, \'$1\', "$1" /* $1 */ WHERE a = <0> -- $3',
  );
  expect(marked("INSERT INTO t VALUES (?, '?', ?)", 'mysql')).toBe("INSERT INTO t VALUES (<0>, '?', <1>)");
  expect(marked('SELECT a ? b')).toBe('SELECT a ? b');
});

test('what does not end is read once', () => {
  for (const begin of ["'", '"', '/*', '--', "''", '$'])
    expect(statementPieces(`${begin}${"x''".repeat(200_000)}`, 'postgres')).toHaveLength(1);
});
