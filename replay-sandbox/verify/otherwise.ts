/** Calls of a mended service that are not those of the recording. */
import type { ReplayReport } from '../report/report.ts';
import type { VerifyReport } from './report.ts';

type Call = ReplayReport['calls'][number];

const SQL_WRITE = /^(?:INSERT|UPDATE|DELETE|MERGE|COPY|TRUNCATE|REPLACE|CALL)\b|^WITH\b.*\b(?:INSERT|UPDATE|DELETE)\b/i;
const REDIS_READ =
  /^(?:GET|MGET|HM?GET|HGETALL|HKEYS|HVALS|HLEN|HEXISTS|EXISTS|TTL|PTTL|TYPE|STRLEN|GETRANGE|LRANGE|LINDEX|LLEN|SMEMBERS|SISMEMBER|SCARD|Z(?:RANGE|SCORE|CARD|COUNT|RANK)\w*|S?SCAN|HSCAN|ZSCAN|KEYS|PING|INFO|SUBSCRIBE)\b/i;
const HTTP_READ = /^(?:GET|HEAD|OPTIONS)\b/;

/** What was asked with other values than it was recorded with. */
export function askedOtherwise(calls: readonly Call[]): readonly VerifyReport['drifted'][number][] {
  return calls
    .filter(({ grade, matters }) => matters && grade === 'drifted')
    .map((call) => ({
      protocol: call.protocol,
      peer: call.peer,
      summary: call.summary,
      write: isWrite(call),
      differences: [...(call.explanation ?? [])],
    }));
}

function isWrite({ protocol, summary }: Call): boolean {
  if (protocol === 'redis') return !REDIS_READ.test(summary);
  if (protocol === 'http' || protocol === 'sse') return !HTTP_READ.test(summary);
  // Of gRPC nobody knows.
  return protocol === 'grpc' || SQL_WRITE.test(summary);
}
