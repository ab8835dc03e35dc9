/** One replay, from an opened recording to a report. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from './compare/answer.ts';
import { disagreement, twinNoise } from './compare/twin.ts';
import { ReplayError } from './error.ts';
import type { RunningService } from './launch/service.ts';
import { sendTrigger } from './launch/trigger.ts';
import type { ReplayOptions } from './options.ts';
import { notReady } from './not-ready.ts';
import { editedCast, planCast } from './plan/cast.ts';
import type { Recording, ReplayPlan } from './plan/plan.ts';
import { remint } from './remint/remint.ts';
import type { Performance } from './report/build.ts';
import { buildReport, nameOf } from './report/build.ts';
import type { ReplayReport } from './report/report.ts';
import type { Player, Role, Scene } from './scene.ts';
import { setScene } from './scene.ts';
import type { StageTime } from './time/stage-time.ts';

/** How long the end of a process may take to be told after its connection was cut. */
const ENDING_MS = 2000;
/** How long what is half open may take to be cleared away. */
const CLEARING_MS = 1000;

/** Throws ReplayError or IsolationError before the trigger is sent; afterwards there is always a report. */
export function replay(options: ReplayOptions): Promise<ReplayReport> {
  return perform(options, buildReport);
}

/** Runs it twice and takes what differs between the two for noise. What is told is the second run; a debugger has to do with that alone. */
export async function replayTwin(options: ReplayOptions): Promise<ReplayReport> {
  options.events.progress('the first of two equal runs');
  const alone = { ...options, debug: { ...options.debug, inspect: undefined, breakpoints: [], onThrow: false } };
  const first = await perform(alone, ({ stage, answer }) => ({ calls: [...stage.calls], answer }));
  options.events.progress('the second');
  return perform(options, (seen) => {
    const twin = twinNoise(first, { calls: seen.stage.calls, answer: seen.answer });
    const said = disagreement(twin);
    if (said !== undefined) options.events.progress(said);
    return buildReport({ ...seen, twin });
  });
}

/** The same, and `tell` makes of what was seen whatever is asked for. */
export async function perform<Told>(options: ReplayOptions, tell: (seen: Performance) => Told): Promise<Told> {
  const recording = playable(options);
  const roles = rolesOf(options, recording);
  await using opened = new AsyncDisposableStack();
  const scene = await setUp(options, roles, opened);
  const { stage, time, players } = scene;
  const [{ plan, settings, service, isolation }] = players;
  await Promise.race([allReady(options, scene), interruption(options)]);
  const who = players.length === 1 ? 'the service is' : `${players.length} services are`;
  options.events.progress(`${who} ready; sending ${nameOf(plan.trigger)}`);
  const connect = () => isolation.connect(settings.port);
  const signal = deadline(options, service, time);
  const sending = { connect, signal, patient: wantsPerson(options), pace: options.pace, clock: time, timers: time };
  scene.clock.arrive();
  const answer = await stage.run(() => send(options.sendings ?? 1, () => sendTrigger(plan.trigger, sending)));
  const outOfTime = signal.aborted && !service.endedSignal.aborted;
  if (options.interrupt?.aborted === true) throw interrupted();
  if (players.some(({ real }) => real.broken())) await aMoment(players.map((player) => player.service.ended));
  await Promise.all(players.map(({ mocks }) => mocks.heard()));
  for (const { mocks, real } of players) {
    real.settle();
    mocks.settle();
  }
  // A connection that was cut is often the end of the process: it is told a moment later.
  const watchedMs = answer.status === undefined ? ENDING_MS : (options.watchMs ?? 0);
  if (watchedMs > 0 && !service.endedSignal.aborted)
    await Promise.race([service.ended, delay(watchedMs, undefined, { ref: false })]).catch(() => undefined);
  return tell({ ...scene, options, answer, outOfTime });
}

/** What is still being opened when it is interrupted finds everything closed, and is waited for a moment: it may have files to remove. */
async function setUp(
  options: ReplayOptions,
  roles: readonly [Role, ...(readonly Role[])],
  opened: AsyncDisposableStack,
): Promise<Scene> {
  const setting = setScene(options, roles, opened);
  try {
    return await Promise.race([setting, interruption(options)]);
  } catch (error) {
    if (options.interrupt?.aborted === true) {
      await opened.disposeAsync();
      await Promise.race([setting.catch(() => undefined), delay(CLEARING_MS)]);
      throw interrupted();
    }
    throw error;
  }
}

function rolesOf(options: ReplayOptions, recording: Recording): readonly [Role, ...(readonly Role[])] {
  const { plans, doors } = editedCast(planCast(recording, options.services ?? []), options);
  const role = (plan: ReplayPlan): Role => ({
    plan,
    settings: options.settingsOf(plan.service),
    doors: doors.filter(({ from }) => from === plan.service),
  });
  const [lead, ...others] = plans;
  return [role(lead), ...others.map(role)];
}

/** One that ends while another still starts is not ready. */
async function allReady(options: ReplayOptions, scene: Scene): Promise<void> {
  const timeoutMs = wantsPerson(options) ? undefined : options.readyTimeoutMs;
  const all = Promise.all(scene.players.map((player) => told(player, player.service.ready(timeoutMs), scene)));
  await Promise.race([all, ...scene.players.map((player) => told(player, player.service.ended, scene))]);
}

function told<T>(player: Player, promise: Promise<T>, scene: Scene): Promise<T> {
  return promise.catch((error: unknown) => {
    throw notReady(error, player, scene);
  });
}

/** The last answer counts; behind one that never came nothing is sent. */
async function send(times: number, once: () => Promise<Answer>): Promise<Answer> {
  const answer = await once();
  return times > 1 && answer.status !== undefined ? send(times - 1, once) : answer;
}

/** A call that broke off is often the end of a process: it is told a moment later. */
async function aMoment(ended: readonly Promise<never>[]): Promise<void> {
  await Promise.race([...ended, delay(ENDING_MS, undefined, { ref: false })]).catch(() => undefined);
}

/** Never, unless it is interrupted. */
function interruption({ interrupt }: ReplayOptions): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (interrupt?.aborted === true) reject(interrupted());
    interrupt?.addEventListener('abort', () => reject(interrupted()), { once: true });
  });
}

function interrupted(): ReplayError {
  return new ReplayError('interrupted', 'The replay was interrupted.', 'Start it again.');
}

/** Without originals, what a service verifies must be signed anew. */
function playable({ recording, clock, clockMode, events }: ReplayOptions): Recording {
  if (recording.disguises === undefined) return recording;
  const { recording: reminted, said } = remint(recording, clockMode === 'real' ? clock.now() : undefined);
  if (said !== undefined) events.progress(said);
  return reminted;
}

/** A person with a debugger takes the time a person takes. */
function wantsPerson({ debug }: ReplayOptions): boolean {
  return debug.inspect !== undefined;
}

function deadline(options: ReplayOptions, service: RunningService, time: StageTime): AbortSignal {
  const limits = [
    service.endedSignal,
    ...(options.interrupt === undefined ? [] : [options.interrupt]),
    ...(wantsPerson(options) ? [] : [time.deadline(options.answerTimeoutMs)]),
  ];
  return AbortSignal.any(limits);
}
