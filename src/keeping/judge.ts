/** Rules over assembled exchanges: for the keeper, imports, dry runs and inspections alike. Bodies are decoded only where a rule asks for one. */
import { bodyOf, header, methodOf, pathOf } from '../domain/exchange.ts';
import type { Exchange, Header } from '../domain/exchange.ts';
import type { Command } from '../domain/conversation.ts';
import { mayBeJson } from '../domain/media-type.ts';
import type { AttributedCommand } from '../domain/transaction.ts';
import type { Failure } from '../domain/verdict.ts';
import { readBody } from '../seal/body.ts';
import { failedCommand } from '../verdict/content/commands.ts';
import { bodiesHold, type ReadJson } from '../verdict/content/conditions.ts';
import { factsOf } from '../verdict/facts.ts';
import type { RequestHead } from '../verdict/rules/head.ts';
import type { LookCloser, RuleSet } from '../verdict/rules/set.ts';
import { answer, begin, decide } from '../verdict/rules/set.ts';

export type Judge = (exchange: Exchange) => Failure | undefined;

const MIB = 1024 * 1024;
/** Of one body, before and after decompression. What is longer is not read. */
const LIMITS = { decompressedBytes: 4 * MIB, textBytes: 4 * MIB };

/** `commands`: of the exchange's tree. Those that may belong to another exchange decide nothing. */
export function judgeBy(set: RuleSet, commands: readonly AttributedCommand[] = []): Judge {
  const sure = commands.filter(
    ({ attribution, command }) => attribution !== 'candidate' && command.error !== undefined,
  );
  return (exchange) => {
    const candidates = begin(set, headOf(exchange));
    const { response } = exchange;
    if (response !== undefined) answer(candidates, (name) => header(response.headers, name));
    const own = sure.filter((command) => command.exchange === exchange.id).map(({ command }) => command);
    return decide(candidates, factsOf(exchange), lookInto(jsonOf(exchange), own)).failure;
  };
}

function lookInto(json: ReadJson, commands: readonly Command[]): LookCloser {
  return (rule) => {
    const { command: asked } = rule.match;
    const command = asked && failedCommand(asked, commands);
    if ((asked !== undefined && command === undefined) || !bodiesHold(rule, json)) return undefined;
    return { ...(command && { command }) };
  };
}

function headOf(exchange: Exchange): RequestHead {
  const { vantage, peer, request } = exchange;
  return {
    service: vantage.service,
    direction: vantage.direction,
    peer: vantage.direction === 'inbound' ? '' : peer.name,
    method: methodOf(exchange),
    path: pathOf(exchange),
    header: (name) => request && header(request.headers, name),
  };
}

/** Parsed once, however many rules ask. */
function jsonOf({ request, response }: Exchange): ReadJson {
  const known = new Map<string, ReturnType<ReadJson>>();
  return (side) => {
    const message = side === 'client' ? request : response;
    if (message === undefined || !message.complete) return undefined;
    if (!known.has(side)) known.set(side, parse(bodyOf(message), message.headers));
    return known.get(side);
  };
}

function parse(bytes: Uint8Array, headers: readonly Header[]): ReturnType<ReadJson> {
  const type = header(headers, 'content-type');
  if (bytes.length === 0 || bytes.length > LIMITS.textBytes || !mayBeJson(type)) return undefined;
  const body = readBody(bytes, type, header(headers, 'content-encoding'), LIMITS);
  if (body.kind !== 'text' || body.cut) return undefined;
  try {
    return { value: JSON.parse(body.text) as unknown };
  } catch {
    return undefined;
  }
}
