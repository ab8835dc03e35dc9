/** The rules on the ingest thread: what holds is noted while an exchange passes, since at its end the records may have aged. */
import { splitAuthority } from '../domain/authority.ts';
import type { Failure } from '../domain/verdict.ts';
import type { RequestHead } from '../verdict/rules/head.ts';
import type { BodyCondition, Rule } from '../verdict/rules/rule.ts';
import { answer, begin, decide } from '../verdict/rules/set.ts';
import type { CompiledRule, RuleSet } from '../verdict/rules/set.ts';
import { decodeEntry } from '../wire/accesslog/decode.ts';
import { ResponseField } from '../wire/accesslog/fields.ts';
import { readHeaders } from '../wire/accesslog/headers.ts';
import { header } from '../domain/exchange.ts';
import { findAttribute } from '../wire/extproc/attributes.ts';
import { findHeader } from '../wire/extproc/headers.ts';
import { Part } from '../wire/extproc/scanned.ts';
import type { ScannedMessage } from '../wire/extproc/scanned.ts';
import type { CommandLooks } from './command-looks.ts';
import type { Ask, Clue } from './inspection.ts';
import type { Inspections } from './inspections.ts';
import type { LogRecord } from './logs.ts';
import type { Stream } from './streams.ts';

/** An HTTP port is no part of a name. */
const NO_PORT = 0;

export class Judging {
  #set: RuleSet;
  readonly #inspections: Inspections;
  readonly #commandLooks: CommandLooks;
  /** Exchanges whose bodies were asked about: an entry of the access log comes after that, and asks no more. */
  readonly #asked = new WeakSet<Stream>();

  constructor(set: RuleSet, inspections: Inspections, commandLooks: CommandLooks) {
    this.#set = set;
    this.#inspections = inspections;
    this.#commandLooks = commandLooks;
  }

  /** For exchanges that begin from now on; those that have begun are judged by the rules they began under. */
  use(set: RuleSet): void {
    this.#set = set;
  }

  /** A message of the exchange, also the first. */
  passes(stream: Stream, bytes: Uint8Array, scanned: ScannedMessage): void {
    const { facts } = stream;
    if (!facts.seen && this.#set.rules.length > 0 && !stream.attempt)
      stream.rules = begin(this.#set, headOf(stream, bytes, scanned));
    facts.seen = true;
    if (stream.rules === undefined || scanned.part !== Part.responseHeaders) return;
    const { valueStart, valueEnd } = scanned;
    answer(stream.rules, (name) => findHeader(bytes, valueStart, valueEnd, name));
  }

  /** The access log speaks of it; `alone`: nothing else did. */
  logged(stream: Stream, { bytes, scanned }: LogRecord, alone: boolean): void {
    stream.facts.loggedMs = scanned.durationMs;
    if (alone && this.#set.rules.length > 0) stream.rules = begin(this.#set, loggedHead(stream, bytes));
    if (stream.rules === undefined || scanned.code === 0) return;
    const headers = readHeaders(bytes, scanned.responseStart, scanned.responseEnd, ResponseField.headers);
    answer(stream.rules, (name) => (name === ':status' ? String(scanned.code) : header(headers, name)));
  }

  /** The exchange is over, or the log has said more of it. Where a body or a command decides, it is handed out to be read. */
  judge(stream: Stream, at: number): Failure | undefined {
    const { facts } = stream;
    facts.durationMs = durationOf(stream);
    const { failure, suspects } = decide(stream.rules, facts);
    if (failure !== undefined || suspects.length === 0) return failure;
    this.#commandLooks.consider(stream, suspects, at);
    if (!facts.grpc) this.#suspect(stream, suspects, at);
    return undefined;
  }

  #suspect(stream: Stream, suspects: readonly CompiledRule[], at: number): void {
    const asks = suspects.flatMap(({ rule, readsCommands }) =>
      rule.consequence === 'fine' || readsCommands ? [] : [askOf(rule)],
    );
    if (this.#asked.has(stream) || stream.entry?.keep === true) return;
    this.#asked.add(stream);
    this.#inspections.consider(stream, asks, at);
  }
}

function askOf({ match }: Rule): Ask {
  const clue =
    (side: Clue['side']) =>
    (condition: BodyCondition): Clue => ({ side, text: condition.clue });
  return {
    kind: 'rules',
    clues: [...(match.requestBody ?? []).map(clue('client')), ...(match.body ?? []).map(clue('server'))],
  };
}

/** As an assembled exchange has it (verdict/facts.ts). */
function durationOf({ facts, startedAt, lastAt, endedAt }: Stream): number {
  if (facts.responseComplete) return endedAt - startedAt;
  return Math.max(facts.seen ? lastAt - startedAt : 0, facts.loggedMs ?? 0);
}

/** An exchange that begins with its answer was rejected in front of the filter: attributes tell what was asked. */
function headOf({ vantage }: Stream, bytes: Uint8Array, scanned: ScannedMessage): RequestHead {
  const { part, valueStart, valueEnd, attributesStart, attributesEnd } = scanned;
  const asked = part === Part.requestHeaders;
  const find = (name: string) => (asked ? findHeader(bytes, valueStart, valueEnd, name) : undefined);
  const attribute = (name: string) => findAttribute(bytes, attributesStart, attributesEnd, name);
  const authority = find(':authority') ?? attribute('request.host') ?? '';
  return {
    service: vantage.service,
    direction: vantage.direction,
    peer: vantage.direction === 'inbound' ? '' : splitAuthority(authority, attribute('xds.cluster_name'), NO_PORT).name,
    method: find(':method') ?? attribute('request.method') ?? '?',
    path: find(':path') ?? attribute('request.path') ?? '?',
    header: find,
  };
}

function loggedHead({ vantage }: Stream, bytes: Uint8Array): RequestHead {
  const entry = decodeEntry(bytes);
  const attributes = 'fault' in entry ? {} : entry.attributes;
  const authority = attributes['request.host'] ?? '';
  return {
    service: vantage.service,
    direction: vantage.direction,
    peer:
      vantage.direction === 'inbound' ? '' : splitAuthority(authority, attributes['xds.cluster_name'], NO_PORT).name,
    method: attributes['request.method'] ?? '?',
    path: attributes['request.path'] ?? '?',
    header: () => undefined,
  };
}
