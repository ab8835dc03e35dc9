/** A replay, told to a person. */
import type { ReplayReport } from '../../replay-sandbox/report/report.ts';
import { printable } from './format.ts';
import { paint } from './paint.ts';

const OUTCOMES = {
  reproduced: paint.green('reproduced'),
  differs: paint.yellow('answered differently'),
  incomplete: paint.red('incomplete'),
} as const;

export function reportLines(report: ReplayReport): readonly string[] {
  return [
    ...breakpointLines(report),
    ...report.calls.flatMap(callLines),
    ...castLines(report),
    ...report.refused.flatMap(({ kind, target, reason, hint }) => [
      `refused     ${kind} ${printable(target)}: ${printable(reason)}`,
      ...(hint === undefined ? [] : [paint.dim(`            Try: ${printable(hint)}`)]),
    ]),
    ...environmentLines(report),
    ...report.unused.map((unused) => `not asked   ${printable(unused)}`),
    '',
    `${paint.bold(report.service)} ${printable(report.trigger)}: ${OUTCOMES[report.outcome]}`,
    ...divergenceLines(report).map((line) => `  ${line}`),
    `  recorded ${describe(report.recorded)}`,
    `  replayed ${describe(report.replayed)}`,
    ...report.diff.map(
      ({ where, recorded, replayed }) =>
        `  ${paint.yellow(printable(where))}: recorded ${printable(recorded ?? 'nothing')}, replayed ${printable(replayed ?? 'nothing')}`,
    ),
    ...report.isolation.limits.map((limit) => paint.dim(`  isolation: ${limit}`)),
  ];
}

/** One line for a run of --watch. */
export function replayLine({ outcome, diff, missed, replayed }: ReplayReport): string {
  const [call] = missed;
  const [other] = diff;
  const why =
    (call && `${call.summary} at ${call.peer} was not recorded`) ??
    (other && `${other.where}: recorded ${other.recorded ?? 'nothing'}, replayed ${other.replayed ?? 'nothing'}`);
  const cut = why !== undefined && why.length > 200 ? `${why.slice(0, 199)}…` : why;
  return `${replayed.status ?? 'no answer'}  ${OUTCOMES[outcome]}${cut === undefined ? '' : `: ${printable(cut)}`}`;
}

/** Where it first went another way, and why. */
function divergenceLines({ divergence }: ReplayReport): readonly string[] {
  if (divergence === undefined) return [];
  const { summary, where, recorded, asked, cause } = divergence;
  const values = `${printable(where ?? '')}: recorded ${short(recorded)}, now ${short(asked)}`;
  return [
    `${paint.bold('first difference')}: ${printable(summary)}`,
    ...(where === undefined ? [] : [`  ${values}`]),
    `  ${paint.bold('because')} ${printable(cause.text)}`,
  ];
}

function short(value = 'nothing'): string {
  return printable(value.length > 200 ? `${value.slice(0, 199)}…` : value);
}

/** Who really ran, and what really passed. One service alone says it at the end. */
function castLines({ cast, real }: ReplayReport): readonly string[] {
  const died = cast.filter(({ ended }) => ended !== undefined);
  return [
    ...(cast.length > 1 ? cast : []).map(
      ({ service, command }) =>
        `ran         ${paint.bold(printable(service))}  ${paint.dim(printable(command.join(' ')))}`,
    ),
    ...died.flatMap(({ service, ended }) => [
      `${paint.red('ended')}       ${printable(service)} ended ${printable(ended?.how ?? '')} before the replay did`,
      ...(ended?.lastLines ?? []).map((line) => paint.dim(`            ${printable(line)}`)),
    ]),
    ...real.map(
      ({ peer, address, connections, bytesOut, bytesIn }) =>
        `${paint.cyan('let through')} ${printable(peer)} to ${printable(address)}: ${connections} ${connections === 1 ? 'connection' : 'connections'}, ${bytesOut} bytes sent, ${bytesIn} received`,
    ),
  ];
}

function environmentLines({ environment: { replaced, recorded, kept }, version }: ReplayReport): readonly string[] {
  const list = (names: readonly string[]): string => printable(names.join(', '));
  return [
    ...(replaced.length > 0 ? [paint.dim(`replaced    secrets, by values of the sandbox: ${list(replaced)}`)] : []),
    ...(recorded.length > 0 ? [paint.dim(`recorded    variables as in production: ${list(recorded)}`)] : []),
    ...(kept.length > 0 ? [paint.yellow(`kept        real secrets, as they are: ${list(kept)}`)] : []),
    ...(version.same === false
      ? [
          paint.yellow(
            `version     recorded ${printable(version.recorded ?? '?')}, here ${printable(version.here ?? '?')}`,
          ),
        ]
      : []),
  ];
}

function breakpointLines({ debugger: { breakpoints, hits, bound, unbound } }: ReplayReport): readonly string[] {
  const shown = breakpoints.flatMap((hit) => [
    `${hit.service === undefined ? '' : `${printable(hit.service)} `}${paint.bold(`${printable(hit.file)}:${hit.line}`)}  ${printable(hit.source)}`,
    ...hit.locals.map(({ name, value }) => `    ${paint.cyan(printable(name))} = ${printable(value)}`),
    ...hit.stack.slice(1, 4).map((caller) => paint.dim(`    from ${printable(caller)}`)),
  ]);
  const unseen = hits - breakpoints.length;
  return [
    ...shown,
    ...(unseen > 0 ? [paint.dim(`    and ${unseen} more hits`)] : []),
    ...(hits === 0 && bound.length > 0 ? ['the breakpoint was set, and never reached'] : []),
    ...unbound.map(
      ({ file, line }) =>
        `the breakpoint at ${printable(file)}:${line} was never set: no script of that name with code at or after that line was loaded`,
    ),
  ];
}

function callLines(call: ReplayReport['calls'][number]): readonly string[] {
  const color =
    call.grade === 'missed'
      ? paint.red
      : call.grade === 'exact'
        ? paint.green
        : call.grade === 'real'
          ? paint.cyan
          : paint.yellow;
  return [
    `${color(call.grade.padEnd(12))}${call.service === undefined ? '' : `${printable(call.service)} → `}${call.protocol} ${printable(call.peer)}  ${printable(call.summary)}`,
    ...(call.explanation ?? []).map((line) => paint.dim(`            ${printable(line)}`)),
  ];
}

function describe(answer: ReplayReport['recorded']): string {
  const body =
    answer.body === undefined
      ? `${answer.bytes} bytes`
      : printable(answer.body.length > 300 ? `${answer.body.slice(0, 299)}…` : answer.body);
  if (answer.status === null) return 'no answer';
  if (answer.grpc === undefined) return `${answer.status} ${body}`;
  const { status, name, message } = answer.grpc;
  return [`grpc ${status} ${name}`, printable(message), body].filter((part) => part !== '').join(' ');
}
