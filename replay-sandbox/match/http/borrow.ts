/**
 * What a good transaction was answered to the same route stands in for a read that the recording goes without: the service got further than
 * it did then. Writes are not borrowed: what another one did to another thing says nothing of this one.
 */
import type { Exchange } from '../../../src/domain/exchange.ts';
import { header } from '../../../src/domain/exchange.ts';
import type { Difference } from '../difference.ts';
import { BORROWED_FROM } from '../explain.ts';
import { parseJson } from '../json.ts';
import { rewrittenAnswer } from './anew.ts';
import type { Candidate, Compared } from './candidate.ts';
import type { Question } from './question.ts';

/** The one that is most like it. */
export function borrowable(compared: readonly Compared[], { method }: Question): Compared | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  const [best] = compared
    .filter(({ candidate, found }) => fromElsewhere(candidate) !== undefined && found.every(isOtherId))
    .toSorted((one, other) => one.found.length - other.found.length);
  return best;
}

/** Undefined for what is the transaction's own. */
export function fromElsewhere({ answer: { source } }: Candidate): string | undefined {
  return source === 'loop' || source === 'candidate' ? undefined : BORROWED_FROM[source];
}

/** Numbers, and words with numbers in them: `7`, `SKU-12`. */
const ID = /^(?=.*\d)[\w.:@-]{1,64}$/;

function isOtherId({ where, recorded = '', asked = '', noise }: Difference): boolean {
  return noise || (/^(?:path|query)\b/.test(where) && ID.test(recorded) && ID.test(asked));
}

/** The answer with the asked ids where it has those of the one it was given to: in JSON, under names of ids. */
export function speakingOf(exchange: Exchange, found: readonly Difference[]): Exchange {
  const ids = new Map(
    found.flatMap(({ recorded, asked }) => (recorded === undefined || asked === undefined ? [] : [[recorded, asked]])),
  );
  if (ids.size === 0 || !/\bjson\b/.test(header(exchange.response?.headers ?? [], 'content-type') ?? ''))
    return exchange;
  return rewrittenAnswer(exchange, (latin1) => {
    const value = parseJson(Buffer.from(latin1, 'latin1').toString('utf8'));
    if (typeof value !== 'object' || value === null) return latin1;
    return Buffer.from(JSON.stringify(value, (name, leaf: unknown) => renamed(name, leaf, ids))).toString('latin1');
  });
}

function renamed(name: string, leaf: unknown, ids: ReadonlyMap<string, string>): unknown {
  if (!/(?:^|[_-])(?:id|sku|key|code)$|(?:Id|ID|Sku|Key|Code)$/.test(name)) return leaf;
  const asked = typeof leaf === 'string' || typeof leaf === 'number' ? ids.get(String(leaf)) : undefined;
  if (asked === undefined) return leaf;
  return typeof leaf === 'number' && String(Number(asked)) === asked ? Number(asked) : asked;
}
