/**
 * Statements as text: just enough of the lexer to tell literals from the rest.
 * https://www.postgresql.org/docs/current/sql-syntax-lexical.html
 */

/** A number that is no part of a name or of `$1`. */
const NUMBER = /(?<![A-Za-z0-9_$.\u0080-\uffff])\d+(?:\.\d*)?(?:[eE][+-]?\d+)?(?![A-Za-z0-9_\u0080-\uffff])/g;

interface Token {
  /** `gap`: whitespace and comments. `quoted`: a literal or a quoted identifier, with its quotes. */
  readonly kind: 'gap' | 'quoted' | 'end' | 'other';
  readonly text: string;
}

const GAP = /\s+|--[^\n]*/y;
const OTHER = /\$?[^\s'"$;/-]+/y;
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
// Loops unrolled: an alternation per character would exhaust the stack on a literal of megabytes.
const ESCAPED_STRING = /'[^'\\]*(?:(?:''|\\[\s\S])[^'\\]*)*'?/y;
const PLAIN_STRING = /'[^']*(?:''[^']*)*'?/y;
const QUOTED_IDENTIFIER = /"[^"]*(?:""[^"]*)*"?/y;
/** An `E` before the quote makes backslashes escape; not when it is the end of a longer word. */
const ESCAPE_PREFIX = /(?:^|[^A-Za-z0-9_$\u0080-\uffff])[eE]$/;

/**
 * The statement without comments (what tracers add is one) and trailing semicolons, whitespace folded. Literals and quoted identifiers
 * stay as they are, letter case too.
 */
export function normaliseSql(sql: string): string {
  return splitStatements(sql).join('; ');
}

/** The statements of a simple query, each normalised; empty ones are dropped. */
export function splitStatements(sql: string): readonly string[] {
  const statements: string[] = [];
  let current = '';
  for (const { kind, text } of tokens(sql)) {
    if (kind === 'end') {
      statements.push(current.trimEnd());
      current = '';
    } else if (kind !== 'gap') current += text;
    else if (current !== '' && !current.endsWith(' ')) current += ' ';
  }
  statements.push(current.trimEnd());
  return statements.filter((statement) => statement !== '');
}

/** One line for people, at most `limit` characters. */
export function summariseSql(sql: string, limit = 1000): string {
  const line = normaliseSql(sql).replace(/\s+/g, ' ');
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}

/** A name as the server knows it: in quotes as it stands, else in lower case. */
export function identifier(text: string): string {
  return text.startsWith('"') ? text.replace(/^"|"$/g, '').replaceAll('""', '"') : text.toLowerCase();
}

const NAME = '("(?:[^"]|"")+"|[A-Za-z_\\u0080-\\uffff][A-Za-z0-9_$\\u0080-\\uffff]*)';
/** Statements that name a cursor, a savepoint or a prepared statement; not those that mean all of them. */
const HANDLES: readonly RegExp[] = [
  '(?:DECLARE|PREPARE(?! TRANSACTION)|EXECUTE|SAVEPOINT|CLOSE(?! ALL$)) ',
  'DEALLOCATE (?:PREPARE )?(?!(?:PREPARE )?ALL$)',
  'RELEASE (?:SAVEPOINT )?',
  'ROLLBACK (?:WORK |TRANSACTION )?TO (?:SAVEPOINT )?',
  '(?:FETCH|MOVE) (?:(?:NEXT|PRIOR|FIRST|LAST|ALL|ABSOLUTE|RELATIVE|FORWARD|BACKWARD|-?[0-9]+) ){0,2}(?:(?:FROM|IN) )?',
].map((before) => new RegExp(`^(${before})${NAME}`, 'i'));

/** What a statement calls a cursor, a savepoint or a prepared statement, as it is spelled: drivers make such names up. */
export function handleIn(statement: string): { readonly name: string; readonly masked: string } | undefined {
  for (const pattern of HANDLES) {
    const [whole, before = '', name = ''] = pattern.exec(statement) ?? [];
    if (whole !== undefined) return { name, masked: `${before}?name${statement.slice(whole.length)}` };
  }
  return undefined;
}

/** A statement with `?` in place of its constants, and the constants in order: what a driver fills in before it sends a simple query. */
export interface MaskedSql {
  readonly shape: string;
  readonly constants: readonly string[];
}

/** Takes the normalised statement. */
export function maskConstants(statement: string): MaskedSql {
  const constants: string[] = [];
  let shape = '';
  const mask = (constant: string): string => {
    constants.push(constant);
    return '?';
  };
  for (const { kind, text } of tokens(statement)) {
    if (kind === 'quoted') shape += text.startsWith('"') ? text : mask(text);
    else if (kind === 'other') shape += text.replace(NUMBER, mask);
    else shape += text;
  }
  return { shape, constants };
}

/** Its first words in upper case: `BEGIN`, `ROLLBACK TO`, `START TRANSACTION`. */
export function firstWords(statement: string, count: number): string {
  return normaliseSql(statement)
    .split(/[\s;(]+/, count)
    .join(' ')
    .toUpperCase();
}

function* tokens(sql: string): Generator<Token> {
  let at = 0;
  while (at < sql.length) {
    const token = tokenAt(sql, at);
    yield token.kind === 'gap' ? { kind: 'gap', text: ' ' } : token;
    at += token.text.length;
  }
}

function tokenAt(sql: string, at: number): Token {
  const gap = matchAt(GAP, sql, at) ?? blockComment(sql, at);
  if (gap !== undefined) return { kind: 'gap', text: gap };
  const quoted = quotedAt(sql, at);
  if (quoted !== undefined) return { kind: 'quoted', text: quoted };
  if (sql[at] === ';') return { kind: 'end', text: ';' };
  return { kind: 'other', text: matchAt(OTHER, sql, at) ?? sql.charAt(at) };
}

function quotedAt(sql: string, at: number): string | undefined {
  switch (sql.charAt(at)) {
    case "'":
      return matchAt(ESCAPE_PREFIX.test(sql.slice(Math.max(0, at - 2), at)) ? ESCAPED_STRING : PLAIN_STRING, sql, at);
    case '"':
      return matchAt(QUOTED_IDENTIFIER, sql, at);
    case '$':
      return dollarQuoted(sql, at);
    default:
      return undefined;
  }
}

function dollarQuoted(sql: string, at: number): string | undefined {
  // Inside a word a dollar is part of the name.
  if (at > 0 && /[A-Za-z0-9_\u0080-\uffff]/.test(sql.charAt(at - 1))) return undefined;
  const tag = matchAt(DOLLAR_TAG, sql, at);
  if (tag === undefined) return undefined;
  const end = sql.indexOf(tag, at + tag.length);
  return end === -1 ? sql.slice(at) : sql.slice(at, end + tag.length);
}

/** Block comments nest, as the standard has it. An open one reaches to the end. */
function blockComment(sql: string, at: number): string | undefined {
  if (!sql.startsWith('/*', at)) return undefined;
  const marks = /\/\*|\*\//g;
  marks.lastIndex = at;
  let depth = 0;
  for (let mark = marks.exec(sql); mark !== null; mark = marks.exec(sql)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return sql.slice(at, marks.lastIndex);
  }
  return sql.slice(at);
}

function matchAt(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
}
