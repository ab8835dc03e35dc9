/** The text of rules.yaml → rules, or every mistake in it with its line and what to write instead. */
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Document } from 'yaml';
import type { z } from 'zod';
import type { Rule } from '../rules/rule.ts';
import { coverOf } from './covered.ts';
import { tellIssue } from './issues.ts';
import type { Mistake } from './mistake.ts';
import { plainRule, RULES } from './schema.ts';
import { senseOf } from './sense.ts';
import { yamlMistake } from './yaml-mistake.ts';

export type ReadRules =
  | { readonly kind: 'rules'; readonly rules: readonly Rule[] }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly Mistake[] };

/** Characters. */
const LONGEST_RULES = 256 * 1024;
const MOST_MISTAKES = 50;

/** Never throws, whatever the text is. */
export function readRules(text: string): ReadRules {
  const lines = new LineCounter();
  if (text.length > LONGEST_RULES)
    return mistakes([at(lines, 0, `The file is longer than ${LONGEST_RULES} characters.`, 'Write fewer rules.')]);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0)
    return mistakes(
      document.errors.map((error) => ({ ...yamlMistake(text, error), ...position(lines, error.pos[0]) })),
    );
  const alias = aliasIn(document);
  if (alias !== undefined)
    return mistakes([
      at(
        lines,
        alias,
        'An alias (*name) stands for something else.',
        'Write out what it stands for, or put a pattern in quotes: "*".',
      ),
    ]);
  const parsed = RULES.safeParse(document.toJS({ maxAliasCount: 0 }));
  if (!parsed.success) return mistakes(parsed.error.issues.flatMap((issue) => placed(issue, document, lines)));
  const rules = parsed.data.map(plainRule);
  const wrong = contradictions(rules, document, lines);
  return wrong.length > 0 ? mistakes(wrong) : { kind: 'rules', rules };
}

function mistakes(all: readonly Mistake[]): ReadRules {
  const sorted = all.toSorted((one, other) => one.line - other.line || one.column - other.column);
  return { kind: 'mistakes', mistakes: sorted.slice(0, MOST_MISTAKES) };
}

function at(lines: LineCounter, offset: number, message: string, hint: string): Mistake {
  return { ...position(lines, offset), message, hint };
}

function position(lines: LineCounter, offset: number): { readonly line: number; readonly column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function aliasIn(document: Document): number | undefined {
  let found: number | undefined;
  visit(document, {
    Alias(_key, node) {
      found = node.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return found;
}

function placed(issue: z.core.$ZodIssue, document: Document, lines: LineCounter): readonly Mistake[] {
  const path = writtenPath(document, issue.path);
  return tellIssue(issue, document.hasIn(path)).map(({ key, message, hint }) =>
    at(lines, offsetOf(document, key === undefined ? path : [...path, key], key !== undefined), message, hint),
  );
}

/** One value where a list may be is a list of one to the schema, and none in the file. */
function writtenPath(document: Document, path: readonly PropertyKey[]): readonly (string | number)[] {
  const written: (string | number)[] = [];
  for (const key of path) {
    if (typeof key === 'symbol') continue;
    if (typeof key === 'number' && !isSeq(document.getIn(written, true))) continue;
    written.push(key);
  }
  return written;
}

/** Where the value stands, else what is nearest around it. `ofKey`: where its key does. */
function offsetOf(document: Document, path: readonly (string | number)[], ofKey: boolean): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const around = document.getIn(path.slice(0, depth - 1), true);
    const key = path[depth - 1];
    const pair = isMap(around) ? around.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
    if (ofKey && isNode(pair?.key)) return pair.key.range?.[0] ?? 0;
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node)) return node.range?.[0] ?? 0;
  }
  return isNode(document.contents) ? (document.contents.range?.[0] ?? 0) : 0;
}

/** Rules that are right one by one, and make no sense together. */
function contradictions(rules: readonly Rule[], document: Document, lines: LineCounter): readonly Mistake[] {
  const found: Mistake[] = [];
  const firsts = new Map<string, number>();
  for (const [index, rule] of rules.entries()) {
    const tell = (key: string, message: string, hint: string) =>
      found.push(at(lines, offsetOf(document, [index, key], false), message, hint));
    const first = firsts.get(rule.name);
    if (first === undefined) firsts.set(rule.name, index);
    else
      tell(
        'name',
        `There are two rules named ${rule.name}; the first is in line ${position(lines, offsetOf(document, [first, 'name'], false)).line}.`,
        'Give one of them another name.',
      );
    const nonsense = senseOf(rule);
    if (nonsense !== undefined) tell('match', nonsense.message, nonsense.hint);
    const cover = coverOf(rules, index);
    if (cover !== undefined)
      tell(
        'match',
        `The rule ${rule.name} can never match: ${cover.name}, before it, takes everything that it would.`,
        `Put ${rule.name} in front of ${cover.name}, or remove it.`,
      );
  }
  return found;
}
