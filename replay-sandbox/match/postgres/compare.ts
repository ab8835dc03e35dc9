import { canonical, formatOf } from '../../../src/wire/postgres/language/types.ts';
import type { Difference } from '../difference.ts';
import { compareValues, type TimeWindow } from '../../../src/domain/noise.ts';
import type { Question } from './recorded.ts';

const TIMESTAMPTZ = 1184;
const ZONED = /^\d{4,6}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)$/;

/**
 * How the values of two runs of one statement differ: constants in the text as `constant 1`, parameters as `$1`. Undefined when they do not
 * have as many. `known` are the parameter types the server told.
 */
export function compareQuestions(
  recorded: Question,
  asked: Question,
  known: readonly number[] | undefined,
  window: TimeWindow,
): readonly Difference[] | undefined {
  if (recorded.values.length !== asked.values.length || recorded.constants.length !== asked.constants.length)
    return undefined;
  const constants = recorded.constants.map((constant, index) =>
    difference(`constant ${index + 1}`, constant, asked.constants[index] ?? '', window),
  );
  const parameters = recorded.values.map((_, index) =>
    difference(`$${index + 1}`, spelling(recorded, index, known), spelling(asked, index, known), window),
  );
  return [handleDifference(recorded, asked), ...constants, ...parameters].filter((found) => found !== undefined);
}

/** The same text for two runs of one statement that compare without a difference. */
export function textOf(question: Question, known: readonly number[] | undefined): string {
  const { text, constants, handle = null, values } = question;
  return JSON.stringify([text, handle, constants, values.map((_, index) => spelling(question, index, known))]);
}

/** Drivers make up names for cursors and savepoints: another one says the same. */
function handleDifference({ handle: recorded }: Question, { handle: asked }: Question): Difference | undefined {
  return recorded === asked ? undefined : { where: 'name', recorded, asked, noise: true };
}

/** The value of `$index+1` in one spelling, so that formats and time zones of drivers make no difference. Null is SQL NULL. */
export function spelling(question: Question, index: number, known: readonly number[] | undefined): string | null {
  const value = question.values[index] ?? null;
  const format = formatOf(question.formats, index);
  const type = known?.[index] || question.types[index] || 0;
  const text = canonical(value, type, format);
  return type === 0 && format === 0 && text !== null && ZONED.test(text) ? canonical(value, TIMESTAMPTZ, format) : text;
}

function difference(
  where: string,
  recorded: string | null,
  asked: string | null,
  window: TimeWindow,
): Difference | undefined {
  if (recorded === asked) return undefined;
  const noise =
    recorded !== null && asked !== null && compareValues(unquoted(recorded), unquoted(asked), window) === 'noise';
  return { where, recorded: recorded ?? 'NULL', asked: asked ?? 'NULL', noise };
}

/** A constant stands in its quotes; what it says decides whether it is noise. */
function unquoted(text: string): string {
  return /^'[\s\S]*'$/.test(text) ? text.slice(1, -1) : text;
}
