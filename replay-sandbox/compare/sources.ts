/** Values the service was given in the recording, before some moment: by the request it was sent, and by what its calls were answered. */
import type { Exchange, Message } from '../../src/domain/exchange.ts';
import { bodyOf, header, pathOf } from '../../src/domain/exchange.ts';
import { isGrpc } from '../../src/domain/grpc.ts';
import { decodeContent } from '../../src/wire/http/content-encoding.ts';
import { conversationProtocol } from '../../src/wire/protocols.ts';
import { grpcValue } from '../match/grpc.ts';
import { isLongInteger, parseJson, textOfJson } from '../../src/domain/exact-json.ts';
import type { ReplayPlan } from '../plan/plan.ts';

export interface Source {
  readonly from: 'trigger' | 'call';
  /** Recorded exchange or command whose answer it is. */
  readonly exchange: string;
  /** `body.items[0].price` */
  readonly where: string;
  readonly value: string;
}

/** More of one answer is not looked through. */
const VALUES = 5000;
const BYTES = 4 * 1024 * 1024;
const SKIPPED = /^(?::|x-envoy-|date$|content-length$|connection$|server$|host$|user-agent$|accept)/;

/** Those given last come first. `before`: Unix ms in the recording. */
export function sourcesBefore(
  plan: Pick<ReplayPlan, 'trigger' | 'http' | 'commands'>,
  before: number,
): readonly Source[] {
  const own = ({ source }: { readonly source: string }): boolean => source === 'loop' || source === 'candidate';
  const calls = plan.http.filter(own).map(({ exchange }) => ({
    endedAt: exchange.response?.startedAt ?? Infinity,
    read: () => answerOf(exchange),
  }));
  const commands = plan.commands.filter(own).map(({ command }) => ({
    endedAt: command.endedAt,
    read: (): readonly Source[] =>
      (conversationProtocol(command.protocol)?.answered?.(command) ?? []).map(({ name, value }) => {
        return { from: 'call', exchange: command.id, where: name, value };
      }),
  }));
  const given = [...calls, ...commands].filter(({ endedAt }) => endedAt <= before);
  const latest = given.toSorted((one, other) => other.endedAt - one.endedAt);
  return [...latest.flatMap(({ read }) => read()), ...triggerOf(plan.trigger)];
}

function triggerOf(trigger: Exchange): readonly Source[] {
  const [path = '', query = ''] = pathOf(trigger).split('?', 2);
  const named = [
    ...path.split('/').map((value, at) => ({ where: `path[${at}]`, value })),
    ...[...new URLSearchParams(query)].map(([name, value]) => ({ where: `query.${name}`, value })),
    ...(trigger.request === undefined ? [] : valuesOf(trigger.request)),
  ];
  return named.map((one) => ({ from: 'trigger', exchange: trigger.id, ...one }));
}

function answerOf(exchange: Exchange): readonly Source[] {
  const { response, id } = exchange;
  if (response === undefined) return [];
  const status = { where: 'status', value: header(response.headers, ':status') ?? '' };
  return [status, ...valuesOf(response)].map((one) => ({ from: 'call', exchange: id, ...one }));
}

function valuesOf(message: Message): readonly Pick<Source, 'where' | 'value'>[] {
  const found: Pick<Source, 'where' | 'value'>[] = [];
  for (const { name, value } of message.headers)
    if (!SKIPPED.test(name)) found.push({ where: `headers.${name}`, value });
  collect(bodyValue(message), 'body', found);
  return found;
}

function bodyValue(message: Message): unknown {
  const { headers } = message;
  const raw = bodyOf(message);
  const type = header(headers, 'content-type') ?? '';
  if (isGrpc(type)) return grpcValue(headers, raw);
  const plain = decodeContent(raw, header(headers, 'content-encoding'), BYTES);
  const text = Buffer.from(typeof plain === 'string' ? raw : plain).toString('utf8');
  if (/x-www-form-urlencoded/.test(type)) return Object.fromEntries(new URLSearchParams(text));
  return parseJson(text) ?? text;
}

/** The depth of what is read is bounded. */
function collect(value: unknown, where: string, found: Pick<Source, 'where' | 'value'>[]): void {
  if (found.length >= VALUES || value === null || value === undefined) return;
  if (typeof value !== 'object' || isLongInteger(value)) found.push({ where, value: textOfJson(value) });
  else if (Array.isArray(value)) value.forEach((one, at) => collect(one, `${where}[${at}]`, found));
  else for (const [name, one] of Object.entries(value)) collect(one, `${where}.${name}`, found);
}
