/** Calls of a mended service that are not those of the recording. */
import { statusOf } from '../../src/domain/exchange.ts';
import type { ReplayPlan } from '../plan/plan.ts';
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

/** Recorded errors that nothing asked for, while something of the same kind was asked: whether that is right now, only the real peer can say. */
export function bypassedErrors({ http, commands }: ReplayPlan, calls: readonly Call[]): readonly string[] {
  const served = new Set(calls.map(({ exchange }) => exchange));
  const failed = [
    ...http
      .filter(({ exchange, source }) => source === 'loop' && (statusOf(exchange) ?? 0) >= 400)
      .map(({ exchange }) => ({ id: String(exchange.id), peer: exchange.peer.name, what: kindOfHttp(exchange) })),
    ...commands
      .filter(({ command, source }) => source === 'loop' && command.error !== undefined)
      .map(({ command }) => ({ id: command.id, peer: command.peer.name, what: firstWords(command.summary) })),
  ];
  return failed.flatMap(({ id, peer, what }) => {
    if (served.has(id)) return [];
    const instead = calls.find((call) => call.peer.startsWith(peer) && firstWords(call.summary) === what);
    return instead === undefined || instead.grade === 'missed'
      ? []
      : [
          `"${what} …" at ${peer} failed in the recording; with other values now it is answered as another was. Whether ${peer} takes them, the recording cannot say.`,
        ];
  });
}

function kindOfHttp({ request }: ReplayPlan['http'][number]['exchange']): string {
  const value = (name: string): string => request?.headers.find((one) => one.name === name)?.value ?? '';
  return firstWords(`${value(':method')} ${value(':path').split('?', 1)[0] ?? ''}`);
}

/** `INSERT INTO quotes`, `GET /prices/7`. */
function firstWords(summary: string): string {
  return summary.split(/[\s(]+/, 3).join(' ');
}
