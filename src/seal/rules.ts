/** Redaction as it is configured: names and patterns on top of the built-in ones, and places whose name says secret and is not. */
import { RE2JS, RE2JSException } from 're2js';
import { z } from 'zod';
import type { Detector, Span } from './detectors/detector.ts';
import { SealError } from './errors.ts';

/** As it is written in YAML. */
export const REDACTION = z.strictObject({
  /** Names whose values are secret, wherever names stand; compared without case and punctuation, as a whole. */
  names: z.array(z.string().min(1).max(200)).max(1000).default([]),
  /** RE2 syntax (https://github.com/google/re2/wiki/Syntax). With a group, the first group is the secret. */
  patterns: z
    .array(z.strictObject({ name: z.string().min(1).max(100), pattern: z.string().min(1).max(1000) }))
    .max(50)
    .default([]),
  /** `header:x-token-kind`, `cookie:…`, `query:page_token`, `form:…`, `json:cart.*.token`: only what looks like a secret is hidden there. */
  leave: z.array(z.string().min(1).max(500)).max(1000).default([]),
});

export type WrittenRules = z.infer<typeof REDACTION>;

export const PLACES = ['header', 'cookie', 'query', 'form', 'json'] as const;
export type Place = (typeof PLACES)[number];

export interface RedactionRules {
  /** What they were compiled from. */
  readonly written: WrittenRules;
  /** Lower-case letters and digits only. */
  readonly names: ReadonlySet<string>;
  readonly patterns: readonly Detector[];
  leaves(place: Place, path: readonly string[]): boolean;
}

export const NO_RULES: RedactionRules = {
  written: { names: [], patterns: [], leave: [] },
  names: new Set(),
  patterns: [],
  leaves: () => false,
};

/** Compiles the rules, or says which one is wrong and why (SealError `bad-rules`). */
export function compileRules(written: WrittenRules): RedactionRules | SealError {
  const patterns: Detector[] = [];
  for (const { name, pattern } of written.patterns) {
    const compiled = compilePattern(name, pattern);
    if (compiled instanceof SealError) return compiled;
    patterns.push(compiled);
  }
  for (const name of written.names)
    if (bareName(name) === '')
      return bad(`The name "${name}" has no letter or digit.`, 'Name what the value is called: tax_id.');
  const left: Left[] = [];
  for (const text of written.leave) {
    const parsed = parseLeft(text);
    if (parsed === undefined)
      return bad(
        `"${text}" names no place.`,
        `Write one of ${PLACES.join(', ')}, a colon and a name: query:page_token.`,
      );
    left.push(parsed);
  }
  return {
    written,
    names: new Set(written.names.map(bareName)),
    patterns,
    leaves: (place, path) => left.some((one) => one.place === place && covers(one.path, path)),
  };
}

/** The form names are compared in. */
export function bareName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

function compilePattern(name: string, pattern: string): Detector | SealError {
  try {
    const compiled = RE2JS.compile(pattern);
    if (compiled.matches('') || compiled.matcher('').find())
      return bad(
        `The pattern "${name}" matches the empty text, so it would match everywhere.`,
        `Let it need a character: ${pattern}`,
      );
    return { name, find: (text) => matches(compiled, text) };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const hint = 'Patterns are RE2: no look-around, no back-references. https://github.com/google/re2/wiki/Syntax';
    return bad(`The pattern "${name}" is not valid: ${error.message}.`, hint);
  }
}

function* matches(pattern: RE2JS, text: string): Generator<Span> {
  const matcher = pattern.matcher(text);
  while (matcher.find()) {
    const group = matcher.groupCount() > 0 && matcher.start(1) >= 0 ? 1 : 0;
    const span = { start: matcher.start(group), end: matcher.end(group) };
    if (span.end > span.start) yield span;
  }
}

interface Left {
  readonly place: Place;
  readonly path: readonly string[];
}

function parseLeft(text: string): Left | undefined {
  const [, named, path = ''] = /^([a-z]+):(.+)$/s.exec(text) ?? [];
  const place = PLACES.find((one) => one === named);
  if (place === undefined) return undefined;
  return { place, path: place === 'json' ? path.split('.') : [path.toLowerCase()] };
}

function covers(wanted: readonly string[], path: readonly string[]): boolean {
  if (wanted.length !== path.length) return false;
  return wanted.every((piece, index) => piece === '*' || piece === path[index] || piece === path[index]?.toLowerCase());
}

function bad(message: string, hint: string): SealError {
  return new SealError('bad-rules', message, hint);
}
