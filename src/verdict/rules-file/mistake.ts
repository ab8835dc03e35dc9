/** Something in rules.yaml that is not right, for the person who wrote it. */
export interface Mistake {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** What to write instead. */
  readonly hint: string;
}

/** `3:14: …` */
export function tellMistake({ line, column, message, hint }: Mistake): string {
  return `${line}:${column}: ${message} ${hint}`;
}
