/** Puts together what a replay says at its end. */
import type { Exchange } from '../../src/domain/exchange.ts';
import { methodOf, pathOf } from '../../src/domain/exchange.ts';
import type { Answer } from '../compare/answer.ts';
import { compareAnswers } from '../compare/compare.ts';
import type { Seen } from '../compare/divergence.ts';
import { firstDivergence } from '../compare/divergence.ts';
import { recordedAnswer } from '../compare/recorded.ts';
import type { TwinNoise } from '../compare/twin.ts';
import { regraded, withoutTwins } from '../compare/twin.ts';
import type { ReplayedCall } from '../match/call.ts';
import type { Difference } from '../match/difference.ts';
import type { ReplayOptions } from '../options.ts';
import type { ReplayPlan } from '../plan/plan.ts';
import type { Players, Scene } from '../scene.ts';
import { reportAnswer } from './answer.ts';
import { tellPlayers } from './players.ts';
import type { ReplayReport } from './report.ts';
import { reportDifference, reportDivergence } from './report.ts';

export interface Performance extends Scene {
  readonly options: ReplayOptions;
  readonly answer: Answer;
  /** It was waited for until its time was up. */
  readonly outOfTime?: boolean;
  /** What differed between this run and an equal one. */
  readonly twin?: TwinNoise;
}

/** From what was seen to what is told. */
export function buildReport(seen: Performance): ReplayReport {
  const { options, answer, stage, clock, version, players, twin } = seen;
  const [{ plan, environment }] = players;
  const recorded = recordedAnswer(plan.trigger);
  const diff = differencesOf(seen);
  const asked = twin === undefined ? stage.calls : stage.calls.map((call) => regraded(call, twin));
  const calls = asked.map(reportCall);
  const missed = calls.filter((call) => call.grade === 'missed' && call.matters);
  const silent = answer.status === undefined && recorded.status !== undefined;
  const divergence = firstDivergence({ ...whole(players), calls: asked, diff, clock: serviceClock(seen) });
  return {
    loop: options.loop,
    service: plan.service,
    trigger: nameOf(plan.trigger),
    alternatives: plan.alternatives.map(nameOf),
    outcome: missed.length > 0 || silent ? 'incomplete' : diff.length > 0 ? 'differs' : 'reproduced',
    recorded: reportAnswer(recorded),
    replayed: reportAnswer(answer),
    diff: diff.map(reportDifference),
    ...(divergence && { divergence: reportDivergence(divergence) }),
    calls,
    missed,
    ...tellPlayers(players),
    clock: {
      mode: clock.mode,
      recordedAt: new Date(clock.recordedAt).toISOString(),
      limits: [...clock.limits, ...players.flatMap(({ service }) => service.limits)],
    },
    environment: {
      replaced: [...environment.replaced],
      recorded: [...environment.recorded],
      kept: [...environment.kept],
    },
    version,
    holes: options.recording.transaction.holes.map((hole) => hole.what),
  };
}

function differencesOf({ answer, stage, time, players: [{ plan }], twin }: Performance): readonly Difference[] {
  const window = { recordedAt: plan.trigger.startedAt, now: time.now() };
  const diff = compareAnswers(recordedAnswer(plan.trigger), asRecorded(plan, answer), window, stage.bindings);
  return twin === undefined ? diff : withoutTwins(diff, twin);
}

/** Unix ms that the service sees; where its clock cannot be moved as a whole, the real one. */
function serviceClock({ clock, time }: Performance): number {
  return clock.limits.length > 0 ? time.now() : clock.serviceTime;
}

/** What all services together could ask, and were given. */
function whole(players: Players): Pick<Seen, 'plan' | 'unasked' | 'environment'> {
  const [{ plan }] = players;
  return {
    plan: {
      trigger: plan.trigger,
      http: players.flatMap((player) => player.plan.http),
      commands: players.flatMap((player) => player.plan.commands),
    },
    unasked: players.flatMap(({ mocks }) => mocks.unasked()),
    environment: Object.assign({}, ...players.map(({ env }) => env)) as Readonly<Record<string, string>>,
  };
}

/** What only finds the first divergence is not told. */
function reportCall({
  explanation,
  found: _found,
  nearest: _nearest,
  askedAt: _askedAt,
  ...call
}: ReplayedCall): ReplayReport['calls'][number] {
  return explanation === undefined ? call : { ...call, explanation: [...explanation] };
}

/** The answer as a recording without originals would have it. */
function asRecorded({ disguise, trigger }: ReplayPlan, answer: Answer): Answer {
  if (disguise === undefined) return answer;
  const { body } = disguise.http({
    target: pathOf(trigger),
    headers: answer.headers,
    body: answer.body,
    side: 'output',
  });
  return { ...answer, body };
}

export function nameOf(exchange: Exchange): string {
  return `${methodOf(exchange)} ${pathOf(exchange)}`;
}
