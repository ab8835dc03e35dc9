/** A verification, told to a person. */
import type { Neighbour, VerifyReport } from '../../replay-sandbox/verify/report.ts';
import { plainTable, printable } from './format.ts';
import { paint } from './paint.ts';

const VERDICTS = {
  gone: paint.green('the failure is gone'),
  'still-fails': paint.red('still fails'),
  hidden: paint.red('no failure by the rules, but not the answer that is expected'),
  'cannot-tell': paint.yellow('cannot tell'),
} as const;

const HELD = { expect: '--expect', exemplars: 'exemplars', rules: 'status and rules alone' } as const;

export function verifyLines(report: VerifyReport): readonly string[] {
  const { verdict, judgedBy, exemplars, confidence, neighbourhood } = report;
  const held = judgedBy === 'exemplars' ? `${exemplars} good answers of its route` : HELD[judgedBy];
  const writes = report.drifted.filter(({ write }) => write);
  return [
    `${paint.bold(report.service)} ${printable(report.trigger)}: ${VERDICTS[verdict]}`,
    `  recorded ${answerOf(report.recordedFailure, report.replay.recorded)}`,
    `  now      ${answerOf(report.failure, report.replay.replayed)}`,
    paint.dim(`  held against ${held}; confidence ${confidence}`),
    ...report.broken.map(
      ({ path, expected, got }) =>
        `  ${paint.yellow(printable(path))}: expected ${printable(expected)}, got ${printable(got)}`,
    ),
    ...report.missing.map((missing) => `  ${paint.red('not recorded')}: ${printable(missing)}`),
    ...writes.flatMap(({ protocol, peer, summary, differences }) => [
      `  writes otherwise than recorded: ${protocol} ${printable(peer)}  ${printable(summary)}`,
      ...differences.map((line) => paint.dim(`      ${printable(line)}`)),
    ]),
    ...report.notMade.map((call) => paint.dim(`  no longer asked: ${printable(call)}`)),
    ...report.notes.map((text) => `  ${printable(text)}`),
    ...(neighbourhood === undefined ? [] : ['', ...neighbourhoodLines(neighbourhood)]),
  ];
}

function answerOf(failure: string | null, { status, body = '' }: VerifyReport['replay']['recorded']): string {
  const shown = printable(body.length > 300 ? `${body.slice(0, 299)}…` : body);
  const said = status === null ? 'no answer' : `${status} ${shown}`.trim();
  return failure === null || failure === 'no answer' ? said : `${said} (a failure: ${printable(failure)})`;
}

function neighbourhoodLines(neighbours: readonly Neighbour[]): readonly string[] {
  const rows = neighbours.map(({ peer, change, detail, outcome, status, ms }) => [
    printable(peer),
    change,
    printable(detail),
    outcome === 'answered' ? String(status) : paint.red(outcome),
    `${Math.round(ms)} ms`,
  ]);
  const bad = neighbours.filter(({ outcome }) => outcome !== 'answered');
  return [
    ...plainTable(['peer', 'is', '', 'the service', 'run'], rows).split('\n'),
    ...bad.flatMap(({ peer, change, said }) =>
      said === undefined ? [] : [`${printable(peer)} ${change}: ${printable(said)}`],
    ),
  ];
}

/** One line for a run of --watch. */
export function verifyLine({ verdict, broken, failure, missing, replay }: VerifyReport): string {
  const [first] = broken;
  const why =
    missing[0] ?? failure ?? (first && `${first.path}: expected ${first.expected}, got ${first.got}`) ?? undefined;
  const said =
    verdict === 'gone' ? VERDICTS.gone : `${VERDICTS[verdict]}${why === undefined ? '' : `: ${printable(why)}`}`;
  return `${replay.replayed.status ?? 'no answer'}  ${said}`;
}
