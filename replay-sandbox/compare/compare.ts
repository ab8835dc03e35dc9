/** The recorded answer of the trigger against the one just given. */
import type { Header } from '../../src/domain/exchange.ts';
import { header } from '../../src/domain/exchange.ts';
import type { Difference } from '../match/difference.ts';
import { differences } from '../match/difference.ts';
import { parseJson } from '../match/json.ts';
import type { TimeWindow } from '../match/noise.ts';

export interface Answer {
  /** Undefined when the connection ended without an answer. */
  readonly status: number | undefined;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

/** Headers a client acts on; the rest is the doing of proxies, servers and clocks. */
const HEADERS_THAT_MATTER = [
  'content-type',
  'location',
  'www-authenticate',
  'retry-after',
  'content-disposition',
  'content-language',
  'grpc-status',
];

/** What differs, without noise; empty when the answer was reproduced. */
export function compareAnswers(recorded: Answer, replayed: Answer, window: TimeWindow): readonly Difference[] {
  const found = [
    ...differences(recorded.status, replayed.status, window, 'status'),
    ...HEADERS_THAT_MATTER.flatMap((name) =>
      differences(header(recorded.headers, name), header(replayed.headers, name), window, `headers.${name}`),
    ),
    ...differences(comparable(recorded), comparable(replayed), window, 'body'),
  ];
  return found.filter((difference) => !difference.noise);
}

/** JSON as values; text line by line, so that a difference names its line; the rest as hex. */
function comparable(answer: Answer): unknown {
  const type = header(answer.headers, 'content-type') ?? '';
  const body = Buffer.from(answer.body);
  // Said to be JSON and is not: then its text is what there is to compare.
  if (/\bjson\b/.test(type)) return parseJson(body.toString('utf8')) ?? body.toString('utf8');
  return /^text\/|xml|javascript|urlencoded/.test(type) ? body.toString('utf8').split('\n') : body.toString('hex');
}
