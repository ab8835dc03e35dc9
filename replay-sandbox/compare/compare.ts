/** The recorded answer of the trigger against the one just given. */
import { header } from '../../src/domain/exchange.ts';
import { isGrpc } from '../../src/domain/grpc.ts';
import type { Difference } from '../match/difference.ts';
import { differences } from '../match/difference.ts';
import { grpcValue } from '../match/grpc.ts';
import { parseJson } from '../match/json.ts';
import type { TimeWindow } from '../match/noise.ts';
import type { Answer } from './answer.ts';
import { grpcOutcome } from './answer.ts';

/** Headers a client acts on; the rest is the doing of proxies, servers and clocks. */
const HEADERS_THAT_MATTER = [
  'content-type',
  'location',
  'www-authenticate',
  'retry-after',
  'content-disposition',
  'content-language',
];

/** What differs, without noise; empty when the answer was reproduced. */
export function compareAnswers(recorded: Answer, replayed: Answer, window: TimeWindow): readonly Difference[] {
  const found = [
    ...differences(recorded.status, replayed.status, window, 'status'),
    ...HEADERS_THAT_MATTER.flatMap((name) =>
      differences(header(recorded.headers, name), header(replayed.headers, name), window, `headers.${name}`),
    ),
    ...differences(grpcOutcome(recorded)?.status, grpcOutcome(replayed)?.status, window, 'grpc-status'),
    ...differences(grpcOutcome(recorded)?.message, grpcOutcome(replayed)?.message, window, 'grpc-message'),
    ...differences(comparable(recorded), comparable(replayed), window, 'body'),
  ];
  return found.filter((difference) => !difference.noise);
}

/** JSON and gRPC messages as values; text line by line, so that a difference names its line; the rest as hex. */
function comparable(answer: Answer): unknown {
  const type = header(answer.headers, 'content-type') ?? '';
  if (isGrpc(type)) return grpcValue(answer.headers, answer.body);
  const body = Buffer.from(answer.body);
  // Said to be JSON and is not: then its text is what there is to compare.
  if (/\bjson\b/.test(type)) return parseJson(body.toString('utf8')) ?? body.toString('utf8');
  return /^text\/|xml|javascript|urlencoded/.test(type) ? body.toString('utf8').split('\n') : body.toString('hex');
}
