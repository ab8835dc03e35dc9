import type { Command, Conversation } from '../domain/conversation.ts';
import {
  bodyOf,
  header,
  methodOf,
  pathOf,
  statusOf,
  type Exchange,
  type Header,
  type Message,
  type Vantage,
} from '../domain/exchange.ts';
import { isGrpc } from '../domain/grpc.ts';
import type { LoopId, StreamId } from '../domain/ids.ts';
import type { AttributedCommand, Flow, Link, Transaction } from '../domain/transaction.ts';
import type { FailedExchange, Verdict } from '../domain/verdict.ts';
import { AnswerViewer } from './answers.ts';
import { viewAttempts } from './attempts.ts';
import { readBody } from './body.ts';
import { redactBody } from './redact-body.ts';
import { messageSchema, readGrpcBody } from './grpc-body.ts';
import { streamLines } from './stream-lines.ts';
import { timed } from './stream-times.ts';
import { NO_SCHEMA, type Schema } from '../wire/protobuf/schema.ts';
import type { Redactor } from './redact.ts';
import { redisSummary } from './redis.ts';
import { shownKey } from './summary.ts';
import { viewUnasked } from './unasked.ts';
import {
  VIEW_VERSION,
  type BodyView,
  type CommandView,
  type ExchangeView,
  type FlowView,
  type LoopView,
  type MessageView,
} from './view-schema.ts';

export interface ViewLimits {
  /** Text shown of one body. Bytes. */
  readonly bodyBytes: number;
  /** Compressed bodies that grow beyond this are not shown. Bytes. */
  readonly decompressedBytes: number;
  /** Body text in one view, failed exchanges served first. Bounds the file and the time on the main thread (about 400 ms a MiB). */
  readonly textBytes: number;
}

const DEFAULT_VIEW_LIMITS: ViewLimits = {
  bodyBytes: 64 * 1024,
  decompressedBytes: 4 * 1024 * 1024,
  textBytes: 2 * 1024 * 1024,
};

/** The readable view of a transaction. Nothing that the redactor has not seen gets into it but names of services, times and counts. */
export function buildView(
  id: LoopId,
  transaction: Transaction,
  verdict: Verdict,
  redact: Redactor,
  limits = DEFAULT_VIEW_LIMITS,
  schema: Schema = NO_SCHEMA,
): LoopView {
  return {
    version: VIEW_VERSION,
    id,
    transaction: shownKey(transaction.key, redact),
    ...(transaction.entry === undefined ? {} : { entry: transaction.entry }),
    outcome: verdict.outcome,
    ...(verdict.fingerprint === undefined ? {} : { fingerprint: verdict.fingerprint }),
    exchanges: viewExchanges(transaction, verdict, new MessageViewer(redact, limits, schema), redact),
    commands: viewCommands(transaction, verdict, redact),
    conversations: transaction.conversations.map(viewConversation),
    failures: verdict.failures.map((failure) => viewFailure(failure, redact)),
    holes: transaction.holes.map(({ where, what }) => ({ where, what: redact.text(what) })),
  };
}

function viewCommands({ commands }: Transaction, { failures }: Verdict, redact: Redactor): CommandView[] {
  const failed = new Set(failures.map(({ exchange }) => exchange));
  const answers = new AnswerViewer(redact);
  // As with bodies: what there is room for is spent where people look first.
  const byInterest = commands.toSorted(
    (one, other) => Number(failed.has(other.exchange)) - Number(failed.has(one.exchange)),
  );
  const views = new Map(byInterest.map((one) => [one, viewCommand(one, answers.view(one.command), redact)]));
  return commands.flatMap((one) => views.get(one) ?? []);
}

/** The statement's shape, for fingerprints, is nobody's to read. */
function viewFailure({ command, ...failure }: FailedExchange, redact: Redactor): LoopView['failures'][number] {
  const { id, protocol, code } = command ?? {};
  return {
    ...failure,
    summary: redact.text(failure.summary),
    ...(id !== undefined && protocol !== undefined && code !== undefined && { command: { id, protocol, code } }),
  };
}

function viewExchanges(
  transaction: Transaction,
  verdict: Verdict,
  messages: MessageViewer,
  redact: Redactor,
): ExchangeView[] {
  const parents = new Map(transaction.links.map((link) => [link.child, viewParent(link, redact)]));
  const failed = new Set(verdict.failures.map((failure) => failure.exchange));
  // The budget of shown text is spent where people look first.
  const byInterest = transaction.exchanges.toSorted(
    (one, other) => Number(failed.has(other.id)) - Number(failed.has(one.id)),
  );
  const views = new Map<StreamId, ExchangeView>();
  for (const exchange of byInterest)
    views.set(exchange.id, viewExchange(exchange, parents.get(exchange.id), messages, redact));
  return transaction.exchanges.flatMap((exchange) => views.get(exchange.id) ?? []);
}

function viewParent({ parent, confidence, flow }: Link, redact: Redactor): NonNullable<ExchangeView['parent']> {
  return {
    exchange: parent,
    confidence: confidence === 'context' ? confidence : 'inferred',
    ...(flow && { flow: viewFlow(flow, redact) }),
  };
}

/** Evidence has names of fields in it, which came over the wire. */
function viewFlow({ certainty, evidence }: Flow, redact: Redactor): FlowView {
  return { certainty, evidence: evidence.map((word) => redact.text(word)) };
}

function viewExchange(
  exchange: Exchange,
  parent: ExchangeView['parent'],
  messages: MessageViewer,
  redact: Redactor,
): ExchangeView {
  const status = statusOf(exchange);
  return {
    id: exchange.id,
    ...(parent === undefined ? {} : { parent }),
    vantage: shownVantage(exchange.vantage),
    peer: { ...exchange.peer, name: redact.text(exchange.peer.name) },
    protocol: redact.text(exchange.protocol),
    method: redact.text(methodOf(exchange)),
    path: redact.text(pathOf(exchange)),
    ...(status === undefined || Number.isNaN(status) ? {} : { status }),
    flags: [...exchange.flags],
    ...(exchange.details === undefined ? {} : { details: redact.text(exchange.details) }),
    startedAt: exchange.startedAt,
    endedAt: exchange.endedAt,
    end: exchange.end,
    ...(exchange.request === undefined
      ? {}
      : { request: timed(messages.view(exchange.request, exchange, 'input'), exchange, 'client') }),
    ...(exchange.response === undefined
      ? {}
      : { response: timed(messages.view(exchange.response, exchange, 'output'), exchange, 'server') }),
    gaps: [...exchange.gaps],
    ...viewAttempts(exchange, redact),
  };
}

/** Shows messages until the view's budget of text is spent. */
class MessageViewer {
  readonly #redact: Redactor;
  readonly #limits: ViewLimits;
  readonly #schema: Schema;
  #textLeft: number;

  constructor(redact: Redactor, limits: ViewLimits, schema: Schema) {
    this.#redact = redact;
    this.#limits = limits;
    this.#schema = schema;
    this.#textLeft = limits.textBytes;
  }

  view(message: Message, exchange: Exchange, side: 'input' | 'output'): MessageView {
    const redacted = (headers: readonly Header[]): Header[] => headers.map((one) => this.#redact.header(one));
    return {
      headers: redacted(message.headers),
      body: this.#body(message, exchange, side),
      trailers: redacted(message.trailers),
      startedAt: message.startedAt,
      endedAt: message.endedAt,
      complete: message.complete,
    };
  }

  #body(message: Message, exchange: Exchange, side: 'input' | 'output'): BodyView {
    const raw = bodyOf(message);
    if (raw.length === 0) return { kind: 'empty' };
    const type = header(message.headers, 'content-type');
    const facts = { bytes: raw.length, ...(type === undefined ? {} : { contentType: this.#redact.text(type) }) };
    if (this.#textLeft <= 0) return { kind: 'omitted', ...facts, why: 'the view is full' };
    const { bodyBytes, decompressedBytes } = this.#limits;
    const textBytes = Math.min(bodyBytes, this.#textLeft);
    const said = streamLines(exchange, side === 'input' ? 'client' : 'server', this.#redact, textBytes);
    if (said !== undefined && said.times.length > 0) {
      this.#textLeft -= said.text.length;
      return { kind: 'text', ...facts, text: said.text, truncated: said.cut, times: [...said.times] };
    }
    const limits = { decompressedBytes, textBytes };
    const body = isGrpc(type)
      ? readGrpcBody(message, limits, messageSchema(this.#schema, pathOf(exchange), side))
      : readBody(raw, type, header(message.headers, 'content-encoding'), limits);
    if (body.kind === 'not-text') return { kind: 'omitted', ...facts, why: body.why };
    this.#textLeft -= body.text.length;
    return { kind: 'text', ...facts, text: redactBody(body, this.#redact), truncated: body.cut };
  }
}

const SQL = new Set(['postgres', 'mysql']);

/** A statement may carry megabytes of literals; the rest of it is in the records. */
const SUMMARY_CHARACTERS = 16_384;

function viewCommand(
  { command, exchange, attribution, flow }: AttributedCommand,
  answers: Pick<CommandView, 'answers'>,
  redact: Redactor,
): CommandView {
  const text = command.summary.slice(0, SUMMARY_CHARACTERS);
  const summary = viewSummary(command, text, redact);
  return {
    id: command.id,
    exchange,
    attribution,
    ...(flow && { flow: viewFlow(flow, redact) }),
    conversation: command.conversation,
    vantage: shownVantage(command.vantage),
    peer: { ...command.peer },
    protocol: command.protocol,
    summary,
    ...(command.parameters === undefined ? {} : { parameters: viewParameters(text, command.parameters, redact) }),
    startedAt: command.startedAt,
    endedAt: command.endedAt,
    ...(command.rows === undefined ? {} : { rows: command.rows }),
    ...answers,
    ...viewUnasked(command, redact),
    ...(command.cut === true && { cut: true }),
    ...(command.error === undefined
      ? {}
      : { error: { code: command.error.code, message: redact.text(command.error.message) } }),
  };
}

/** What a service's variables hold is for its replay, and nobody's to read. */
function shownVantage({ environment: _hidden, ...vantage }: Vantage): ExchangeView['vantage'] {
  return vantage;
}

function viewSummary({ protocol, request }: Command, text: string, redact: Redactor): string {
  if (SQL.has(protocol)) return redact.sql(text);
  return (protocol === 'redis' ? redisSummary(request[0], redact) : undefined) ?? redact.text(text);
}

/** As many as people look at; a batch has thousands. */
const PARAMETERS = 64;
const PARAMETER_CHARACTERS = 1024;

function viewParameters(statement: string, values: readonly (string | null)[], redact: Redactor): (string | null)[] {
  return values
    .slice(0, PARAMETERS)
    .map((value) => (value === null ? null : redact.parameter(statement, value.slice(0, PARAMETER_CHARACTERS))));
}

function viewConversation(conversation: Conversation): LoopView['conversations'][number] {
  const { id, vantage, peer, protocol, startedAt, endedAt, refused, gaps } = conversation;
  const bytes = conversation.bytes.reduce((sum, chunk) => sum + chunk.bytes.length, 0);
  return {
    id,
    vantage: shownVantage(vantage),
    peer: { ...peer },
    protocol,
    startedAt,
    endedAt,
    bytes,
    ...(refused === undefined ? {} : { refused }),
    gaps: [...gaps],
  };
}
