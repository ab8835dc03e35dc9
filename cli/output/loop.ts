/** A loop as a tree: exchanges under the call that made them, commands under the exchange they were made for. */
import type { FingerprintSummary } from '../../src/domain/fingerprint.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import type { CommandView, ExchangeView, FlowView, LoopView } from '../../src/seal/view-schema.ts';
import { answerLines } from './answers.ts';
import { attemptCount, attemptLines } from './attempts.ts';
import { seenLine } from './fingerprints.ts';
import { printable } from './format.ts';
import { messageLines } from './messages.ts';
import { paint } from './paint.ts';

/** `repeats`: what was counted of its failure. */
export function loopLines(
  summary: LoopSummary,
  view: LoopView,
  bodies: boolean,
  repeats?: FingerprintSummary,
): readonly string[] {
  const origin =
    summary.origin === undefined
      ? ''
      : `; began at ${paint.bold(summary.origin.service)}: ${printable(summary.origin.summary)}${sureness(summary.origin)}`;
  const refused = view.conversations.filter((conversation) => conversation.refused !== undefined);
  return [
    `${paint.bold(summary.id)}  ${summary.outcome}${origin}`,
    paint.dim(
      `${new Date(summary.startedAt).toISOString()}  ${summary.durationMs.toFixed(0)} ms  fingerprint ${summary.fingerprint ?? '-'}  ${summary.bytes} bytes`,
    ),
    ...(repeats === undefined ? [] : [paint.dim(seenLine(repeats))]),
    '',
    ...childrenOf(view, undefined).flatMap((root) =>
      exchangeLines({ view, start: summary.startedAt, bodies }, root, 0),
    ),
    ...refused.map(({ protocol, peer, refused: how }) =>
      paint.red(`  ${protocol} ${printable(peer.name)} could not be reached: ${printable(how ?? '')}`),
    ),
    ...view.holes.map((hole) => paint.yellow(`missing: ${printable(hole.what)}`)),
    '',
    `Replay it:  loopctl replay ${summary.id} -- <command that starts ${summary.origin?.service ?? summary.service}>`,
  ];
}

/** Said when the way to the origin leads through a call that was placed by what flows. */
function sureness({ certainty }: NonNullable<LoopSummary['origin']>): string {
  return certainty === undefined ? '' : paint.dim(` (placed by values, ${certainty.toFixed(2)})`);
}

interface Context {
  readonly view: LoopView;
  readonly start: number;
  readonly bodies: boolean;
}

function childrenOf(view: LoopView, parent: string | undefined): readonly ExchangeView[] {
  return view.exchanges.filter((exchange) => exchange.parent?.exchange === parent);
}

function exchangeLines(context: Context, exchange: ExchangeView, depth: number): readonly string[] {
  const { view } = context;
  const inside = [
    ...childrenOf(view, exchange.id).map((child) => ({
      at: child.startedAt,
      lines: exchangeLines(context, child, depth + 1),
    })),
    ...view.commands
      .filter((command) => command.exchange === exchange.id)
      .map((command) => ({ at: command.startedAt, lines: commandLines(command, depth + 1, context) })),
  ];
  return [
    exchangeLine(context, exchange, depth),
    ...attemptLines(exchange, context.bodies, (at) => `${time(at, context.start)} ${'  '.repeat(depth + 1)}`),
    ...(context.bodies ? messageLines(exchange, '  '.repeat(depth), (at) => time(at, context.start)) : []),
    ...inside.toSorted((one, other) => one.at - other.at).flatMap(({ lines }) => lines),
  ];
}

function exchangeLine({ view, start }: Context, exchange: ExchangeView, depth: number): string {
  const failure = view.failures.find((candidate) => candidate.exchange === exchange.id);
  const arrow =
    exchange.vantage.direction === 'outbound'
      ? `${exchange.vantage.service} → ${printable(exchange.peer.name)}`
      : exchange.vantage.service;
  const status = [exchange.status ?? 'no answer', ...exchange.flags].join(' ');
  const took = paint.dim(`${(exchange.endedAt - exchange.startedAt).toFixed(0)} ms`);
  const mark =
    failure === undefined
      ? ''
      : failure.role === 'origin'
        ? paint.red('  ← began here')
        : paint.yellow(`  ${failure.role}`);
  const guess = exchange.parent?.confidence === 'inferred' ? paint.dim(` (${placed(exchange.parent.flow)})`) : '';
  const call = `${arrow}  ${exchange.method} ${printable(exchange.path)}`;
  return `${time(exchange.startedAt, start)} ${'  '.repeat(depth)}${call}  ${failure === undefined ? status : paint.red(status)}  ${took}${attemptCount(exchange)}${mark}${guess}`;
}

/** `placed by values: order_id, 0.93`. What was placed by what flows is never certain. */
function placed(flow: FlowView | undefined): string {
  if (flow === undefined) return 'placed by time';
  return `placed by values: ${[...flow.evidence.map(printable), flow.certainty.toFixed(2)].join(', ')}`;
}

/** The command, what was remarked on it, and what came later because of it. */
function commandLines(command: CommandView, depth: number, { view, start, bodies }: Context): readonly string[] {
  const { notices = [], pushed = [], pushedMore } = command;
  const plain = (text: string): string => `${' '.repeat(9)} ${'  '.repeat(depth + 1)}${text}`;
  return [
    commandLine(command, depth, start) + decidedBy(command, view),
    ...(bodies ? answerLines(command.answers).map((line) => paint.dim(plain(line))) : []),
    ...notices.map((notice) => paint.dim(plain(printable(shorten(notice, 120))))),
    ...pushed.map(
      ({ at, channel, text }) =>
        `${time(at, start)} ${'  '.repeat(depth + 1)}< ${channel === undefined ? '' : `${printable(channel)}: `}${printable(shorten(text, 120))}`,
    ),
    ...(pushedMore === undefined ? [] : [paint.dim(plain(`< … ${pushedMore} more`))]),
  ];
}

/** Named where a rule of one's own made a failure of it. */
function decidedBy({ id }: CommandView, { failures }: LoopView): string {
  return failures.some(({ command }) => command?.id === id) ? paint.red('  ← failed the rule') : '';
}

function commandLine(command: CommandView, depth: number, start: number): string {
  const result =
    command.error === undefined
      ? paint.dim(
          `${command.rows === undefined ? 'ok' : `${command.rows} rows`}${command.cut === true ? ', the rest was not kept' : ''}`,
        )
      : paint.red(`${command.error.code} ${printable(command.error.message)}`);
  const took = paint.dim(`${(command.endedAt - command.startedAt).toFixed(0)} ms`);
  const doubt =
    command.attribution !== 'candidate'
      ? ''
      : paint.dim(command.flow === undefined ? ' (may belong to another request)' : ` (${placed(command.flow)})`);
  return `${time(command.startedAt, start)} ${'  '.repeat(depth)}${command.protocol} ${printable(command.peer.name)}  ${printable(shorten(command.summary, 120))}  ${result}  ${took}${doubt}`;
}

function time(at: number, start: number): string {
  return paint.dim(`${(at - start).toFixed(0).padStart(6)} ms`);
}

function shorten(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}
