/** Puts together what a replay says at its end. */
import type { Exchange } from '../../src/domain/exchange.ts';
import { methodOf, pathOf } from '../../src/domain/exchange.ts';
import type { Answer } from '../compare/answer.ts';
import { compareAnswers } from '../compare/compare.ts';
import { recordedAnswer } from '../compare/recorded.ts';
import type { ReplayedCall } from '../match/call.ts';
import type { ReplayOptions } from '../options.ts';
import type { ReplayPlan } from '../plan/plan.ts';
import type { Scene } from '../scene.ts';
import { reportAnswer } from './answer.ts';
import { tellPlayers } from './players.ts';
import type { ReplayReport } from './report.ts';
import { reportDifference } from './report.ts';

export interface Performance extends Scene {
  readonly options: ReplayOptions;
  readonly answer: Answer;
}

/** From what was seen to what is told. */
export function buildReport({ options, answer, stage, time, clock, players }: Performance): ReplayReport {
  const [{ plan }] = players;
  const recorded = recordedAnswer(plan.trigger);
  const diff = compareAnswers(recorded, asRecorded(plan, answer), {
    recordedAt: plan.trigger.startedAt,
    now: time.now(),
  });
  const calls = stage.calls.map(reportCall);
  const missed = calls.filter((call) => call.grade === 'missed' && call.matters);
  const silent = answer.status === undefined && recorded.status !== undefined;
  return {
    loop: options.loop,
    service: plan.service,
    trigger: nameOf(plan.trigger),
    alternatives: plan.alternatives.map(nameOf),
    outcome: missed.length > 0 || silent ? 'incomplete' : diff.length > 0 ? 'differs' : 'reproduced',
    recorded: reportAnswer(recorded),
    replayed: reportAnswer(answer),
    diff: diff.map(reportDifference),
    calls,
    missed,
    ...tellPlayers(players),
    clock: {
      mode: clock.mode,
      recordedAt: new Date(clock.recordedAt).toISOString(),
      limits: [...clock.limits],
    },
    holes: options.recording.transaction.holes.map((hole) => hole.what),
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
