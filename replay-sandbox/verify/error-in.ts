/** What looks like an error in an answer that calls itself a good one, and that no good answer of the route has. */
import type { Answer } from '../compare/answer.ts';
import { isJsonObject } from '../../src/domain/exact-json.ts';
import { contentOf } from './content.ts';
import type { Broken } from './shape.ts';
import { joined, shown } from './shape.ts';

const ERROR_KEY = /^(?:error|errors|exception|fault|stack|stack_?trace|traceback)$/i;
/** Under these names it says how it went. */
const OUTCOME_KEY = /^(?:ok|success|successful|status|result|state|outcome)$/i;
const BAD = /^(?:false|err|error|fail|failed|failure|exception|unavailable)$/i;
const ERROR_TEXT =
  /\b(?:internal server error|bad gateway|service unavailable|gateway time-?out|traceback \(most recent call last\)|unhandled (?:exception|error)|something went wrong)\b/i;

export function errorIn(answer: Answer, exemplars: readonly Answer[]): Broken | undefined {
  const known = new Set(exemplars.flatMap((exemplar) => signsOf(exemplar).map(({ sign }) => sign)));
  const found = signsOf(answer).find(({ sign }) => !known.has(sign));
  return found && { path: found.path, expected: 'nothing that looks like an error', got: found.got };
}

/** `sign`: what is the same in a good answer makes it no sign of an error. */
interface Sign extends Pick<Broken, 'path' | 'got'> {
  readonly sign: string;
}

function signsOf(answer: Answer): readonly Sign[] {
  const content = contentOf(answer);
  if (content.kind === 'text') {
    const [text] = ERROR_TEXT.exec(content.text) ?? [];
    return text === undefined ? [] : [{ path: 'body', got: shown(text), sign: text.toLowerCase() }];
  }
  if (content.kind !== 'json' || !isJsonObject(content.value)) return [];
  return Object.entries(content.value).flatMap(([key, value]) => {
    const path = joined('body', key);
    if (ERROR_KEY.test(key) && !isNothing(value)) return [{ path, got: shown(value), sign: key }];
    const bad = OUTCOME_KEY.test(key) && (typeof value === 'string' || value === false) && BAD.test(String(value));
    return bad ? [{ path, got: shown(value), sign: `${key} ${value}` }] : [];
  });
}

/** What is written where there was none. */
const NO_ERROR = /^\s*(?:|none|null|nil|no|false|0|ok|no errors?)\s*$/i;

function isNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isJsonObject(value)) return Object.values(value).every(isNothing);
  if (typeof value === 'string') return NO_ERROR.test(value);
  return value === null || value === false || value === 0;
}
