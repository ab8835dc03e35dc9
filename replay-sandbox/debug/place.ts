export interface BreakpointPlace {
  /** A path, or the end of one: `src/allocate.js`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** `file.js:12` → place; undefined for anything else. */
export function parsePlace(text: string): BreakpointPlace | undefined {
  const [, file, line] = /^(.+):(\d+)$/.exec(text) ?? [];
  return file === undefined || Number(line) < 1 ? undefined : { file, line: Number(line) };
}

/** A regular expression for the URLs of scripts this file can mean. */
export function urlPattern({ file }: BreakpointPlace): string {
  const tail = file.replace(/^\.?\//, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return `(?:^|/)${tail}$`;
}
