/** Statements of SQL. Which literal belongs to which column takes a parser, so a statement that speaks of something secret keeps none. */

/** `'a''b'` or `$tag$…$tag$`, or what a cut left of one. */
const LITERAL = /'[^']*(?:''[^']*)*'?|(\$(?:[A-Za-z_]\w{0,63})?\$)([\s\S]*?)(?:\1|$)/g;

export function speaksOfSecrets(statement: string, isSecret: (name: string) => boolean): boolean {
  return secretNameIn(statement, isSecret) !== undefined;
}

export function secretNameIn(statement: string, isSecret: (name: string) => boolean): string | undefined {
  return (statement.match(/[A-Za-z_][\w$]{0,127}/g) ?? []).find((name) => isSecret(name));
}

/** The statement with `hide` done to what stands in its string literals, and `rest` to the text so made. */
export function hideLiterals(
  statement: string,
  hide: (literal: string) => string,
  rest: (statement: string) => string,
): string {
  const hidden = (literal: string) => `'${hide(literal)}'`;
  // Whether a backslash escapes a quote is a setting of the database: where it matters, the rest of the statement counts as literal.
  const doubtful = statement.includes("\\'") ? statement.indexOf("'") : statement.length;
  const clear = statement.slice(0, doubtful).replace(LITERAL, (whole: string, tag?: string, dollar?: string) => {
    const literal = tag === undefined ? unquoted(whole) : (dollar ?? '');
    return literal === '' ? whole : hidden(literal);
  });
  return doubtful < statement.length ? rest(clear) + hidden(statement.slice(doubtful)) : rest(clear);
}

/** Each literal as the value it is: hidden whole or in part, its quotes doubled again. */
export function redactLiterals(statement: string, redact: (literal: string) => string): string {
  return statement.replace(LITERAL, (whole: string, tag?: string, dollar?: string) => {
    const literal = tag === undefined ? unquoted(whole) : (dollar ?? '');
    const redacted = redact(literal);
    return redacted === literal ? whole : `'${redacted.replaceAll("'", "''")}'`;
  });
}

function unquoted(literal: string): string {
  return literal.replace(/^'|'$/g, '').replaceAll("''", "'");
}
