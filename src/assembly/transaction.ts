/** Records → the transaction they are of. */
import type { Command, Conversation } from '../domain/conversation.ts';
import type { Exchange, Header } from '../domain/exchange.ts';
import { header, methodOf, pathOf } from '../domain/exchange.ts';
import type { TransactionKey } from '../domain/ids.ts';
import type { Hole, Link, Transaction } from '../domain/transaction.ts';
import { decodeHeaders } from '../wire/extproc/headers.ts';
import { Part } from '../wire/extproc/scanned.ts';
import { carriedEnvironment } from '../wire/extproc/environment.ts';
import { speakerOf } from '../wire/extproc/speaker.ts';
import { conversationProtocol } from '../wire/protocols.ts';
import { withAttempts } from './attempts.ts';
import { attributeCommands } from './attribution.ts';
import { buildConversation } from './conversation.ts';
import type { StreamContent } from './exchange.ts';
import { buildExchange, readContent } from './exchange.ts';
import type { Note } from './flow/note.ts';
import { conversationHoles, unrecordedHole } from './holes.ts';
import { atSidecarTimes } from './sidecar-times.ts';
import type { RecordSource, RecordedStream } from './streams.ts';
import { groupStreams } from './streams.ts';
import { linkExchanges } from './tree.ts';

/** Assembles what is there; what is missing becomes a hole, never an error. */
export function assemble(key: TransactionKey, sources: readonly RecordSource[]): Transaction {
  const { exchanges: all, conversations, commands, notes, holes } = readSources(sources);
  const { exchanges, links } = withoutStrangers(all, linkExchanges(all, notes), notes);
  const children = new Set(links.map((link) => link.child));
  const entry = exchanges.find((exchange) => !children.has(exchange.id))?.id;
  return {
    kind: 'transaction',
    key,
    ...(entry !== undefined && { entry }),
    exchanges,
    links,
    conversations,
    commands: attributeCommands(commands, exchanges, notes),
    holes,
  };
}

/** Leaves out trees that the surest note places under an exchange that is not here: they turned out to be somebody else's. */
function withoutStrangers(
  exchanges: readonly Exchange[],
  links: readonly Link[],
  notes: readonly Note[],
): { readonly exchanges: readonly Exchange[]; readonly links: readonly Link[] } {
  const known = new Set(exchanges.map(({ id }) => id));
  const strangers = new Set(
    notes.flatMap(({ at, stream, parent }) => (at === undefined && !known.has(parent) ? [stream] : [])),
  );
  for (const { child } of links) strangers.delete(child);
  if (strangers.size === 0) return { exchanges, links };
  for (let size = 0; size !== strangers.size;) {
    size = strangers.size;
    for (const { parent, child } of links) if (strangers.has(parent)) strangers.add(child);
  }
  return {
    exchanges: exchanges.filter(({ id }) => !strangers.has(id)),
    links: links.filter(({ child }) => !strangers.has(child)),
  };
}

/** What records say by themselves, before anything is linked. */
export interface ReadSources {
  /** By start. */
  readonly exchanges: readonly Exchange[];
  readonly conversations: readonly Conversation[];
  readonly commands: readonly Command[];
  readonly notes: readonly Note[];
  readonly holes: readonly Hole[];
}

export function readSources(sources: readonly RecordSource[]): ReadSources {
  const { streams, notes, leftOut, faults } = groupStreams(sources);
  const built = withSidecarTimes(streams.toSorted((one, other) => byId(one.id, other.id)).map(buildStream));
  const { exchanges, holes: orphans } = withAttempts(
    built.flatMap(({ value }) => (value?.kind === 'exchange' ? [value] : [])).toSorted(byStart),
    built.flatMap(({ attempt }) => attempt ?? []).toSorted(byStart),
  );
  const conversations = built.flatMap(({ value }) => (value?.kind === 'conversation' ? [value] : [])).toSorted(byStart);
  const damaged: readonly Hole[] =
    faults === 0 ? [] : [{ where: 'transaction', what: `${faults} parts hold bytes that are no record` }];
  return {
    exchanges,
    conversations,
    commands: conversations.flatMap(decodeCommands),
    notes,
    holes: [
      ...damaged,
      ...(leftOut === 0 ? [] : [crowded(leftOut)]),
      ...built.flatMap(({ holes }) => holes),
      ...orphans,
    ],
  };
}

function crowded(leftOut: number): Hole {
  const what = `${leftOut} transactions around it could not be looked at: calls that carry no context may be missing`;
  return { where: 'transaction', what };
}

interface Built {
  readonly value?: Exchange | Conversation;
  /** Milliseconds that the access log says an exchange took. */
  readonly loggedMs?: number;
  readonly attempt?: Exchange;
  readonly holes: readonly Hole[];
}

function buildStream(stream: RecordedStream): Built {
  const metadata = metadataOf(stream);
  if (metadata === undefined)
    return { holes: [{ where: stream.id, what: 'a stream whose beginning is missing cannot be placed' }] };
  const content = readContent(stream);
  const first = content.messages[0]?.message;
  const { vantage: speaker, protocol, attempt } = speakerOf(metadata, first?.attributes ?? {});
  const environment = carriedEnvironment(metadata);
  const vantage = environment === undefined ? speaker : { ...speaker, environment };
  if (protocol !== 'http') {
    const conversation = buildConversation(stream, content, vantage, protocol);
    const since = header(metadata, 'x-loop-unrecorded');
    if (since !== undefined) return { value: conversation, holes: [unrecordedHole(conversation, Number(since))] };
    return { value: conversation, holes: conversationHoles(conversation) };
  }
  const exchange = buildExchange(stream, content, vantage, metadata);
  // Nothing of an attempt is missed but itself: what was asked and answered is in its exchange.
  if (attempt) return first === undefined ? { holes: [] } : { attempt: exchange, holes: [] };
  const { logged } = content;
  return {
    value: exchange,
    holes: exchangeHoles(exchange, content),
    ...(logged && { loggedMs: logged.entry.durationMs }),
  };
}

/** Where connections were recorded too, commands are placed by when they were read: there everything keeps the sink's time. */
function withSidecarTimes(built: readonly Built[]): readonly Built[] {
  const instanceOf = ({ vantage }: Exchange | Conversation): string => `${vantage.service}\0${vantage.instance}`;
  const ordered = new Set(built.flatMap(({ value }) => (value?.kind === 'conversation' ? [instanceOf(value)] : [])));
  return built.map((one) =>
    one.value?.kind === 'exchange' && !ordered.has(instanceOf(one.value))
      ? { ...one, value: atSidecarTimes(one.value, one.loggedMs) }
      : one,
  );
}

function metadataOf(stream: RecordedStream): readonly Header[] | undefined {
  const opened = stream.segments.find((segment) => segment.kind === 'opened');
  const headers = opened && decodeHeaders(opened.payload, 0, opened.payload.length);
  return headers === undefined || 'fault' in headers ? undefined : headers;
}

function exchangeHoles(exchange: Exchange, content: StreamContent): readonly Hole[] {
  const name = `${exchange.vantage.direction} ${methodOf(exchange)} ${pathOf(exchange)} at ${exchange.vantage.service}`;
  const lost =
    content.lost > 0 ? [{ where: exchange.id, what: `${name}: ${content.lost} recorded pieces are missing` }] : [];
  const cut = exchange.gaps.map((gap) => ({
    where: exchange.id,
    what: `${name}: ${gap.bytes} bytes of the ${gap.side === 'client' ? 'request' : 'answer'} were not kept (${gap.reason})`,
  }));
  const open =
    exchange.end === 'open' && !(exchange.request?.complete && exchange.response?.complete)
      ? [{ where: exchange.id, what: `${name}: was still going on when it was kept` }]
      : [];
  return [...lost, ...cut, ...open, ...loggedHoles(exchange, content, name)];
}

function loggedHoles({ id, response }: Exchange, { messages, logged }: StreamContent, name: string): readonly Hole[] {
  if (logged === undefined) return [];
  if (messages.length === 0) return [{ where: id, what: `${name}: recorded by the access log alone` }];
  const answered = messages.some(({ message }) => message.part === Part.responseHeaders);
  return response === undefined || answered
    ? []
    : [{ where: id, what: `${name}: the answer is told by the access log alone` }];
}

function decodeCommands(conversation: Conversation): readonly Command[] {
  return conversationProtocol(conversation.protocol)?.decodeCommands(conversation) ?? [];
}

/** Streams come in any order: those that began at once stand in the order of their ids. */
function byStart(one: Exchange | Conversation, other: Exchange | Conversation): number {
  return one.startedAt - other.startedAt || byId(one.id, other.id);
}

/** Numbers of one recorder by size. */
function byId(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : Number(one > other));
}
