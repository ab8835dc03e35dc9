/** One replay, from an opened recording to a report. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../src/domain/clock.ts';
import { methodOf, pathOf, statusOf, bodyOf } from '../src/domain/exchange.ts';
import type { Exchange } from '../src/domain/exchange.ts';
import type { LoopId } from '../src/domain/ids.ts';
import type { Answer } from './compare/answer.ts';
import { NO_ANSWER } from './compare/answer.ts';
import { compareAnswers } from './compare/compare.ts';
import type { BreakpointPlace } from './debug/place.ts';
import type { DebugSession } from './debug/session.ts';
import { openDebugSession } from './debug/session.ts';
import { ReplayError } from './error.ts';
import type { Isolation, IsolationBackend } from './isolate/isolation.ts';
import { serviceEnvironment } from './launch/environment.ts';
import { passwordsOf } from './launch/passwords.ts';
import type { RunningService } from './launch/service.ts';
import { launchService } from './launch/service.ts';
import { sendTrigger } from './launch/trigger.ts';
import { writeTrustFiles } from './launch/trust.ts';
import type { ReplayedCall } from './match/call.ts';
import type { ServedMocks } from './mocks/serve.ts';
import { serveMocks } from './mocks/serve.ts';
import { createAuthority } from './mocks/tls/authority.ts';
import { planReplay } from './plan/plan.ts';
import type { Recording, ReplayPlan } from './plan/plan.ts';
import { remint } from './remint/remint.ts';
import type { PlacedSettings } from './plan/settings.ts';
import { reportAnswer } from './report/answer.ts';
import type { ReplayReport } from './report/report.ts';
import { reportDifference } from './report/report.ts';

export interface ReplayOptions {
  readonly loop: LoopId;
  readonly recording: Recording;
  /** By default the origin's service. */
  readonly service?: string;
  /** How to run it; a function, because which service it is follows from the recording. Throws ReplayError when nothing says so. */
  readonly settingsOf: (service: string) => PlacedSettings;
  readonly backend: IsolationBackend;
  readonly homeDirectory: string;
  readonly inheritedEnvironment: Readonly<Record<string, string | undefined>>;
  /** Port of this machine for the debugger, 0 for any; undefined: no debugger. */
  readonly inspect?: number;
  readonly breakpoints: readonly BreakpointPlace[];
  readonly readyTimeoutMs: number;
  /** How long the answer may take; without end when a debugger is asked for. */
  readonly answerTimeoutMs: number;
  /** Factor on the gaps of recorded streams: 1 as recorded; by default 0, at once. */
  readonly pace?: number | undefined;
  readonly clock: Clock;
  readonly events: ReplayEvents;
  /** Ends it before its time: ReplayError `interrupted`, once everything is taken down. */
  readonly interrupt?: AbortSignal;
}

/** What a person sees while it runs. */
export interface ReplayEvents {
  progress(text: string): void;
  output(stream: 'stdout' | 'stderr', text: string): void;
  debuggerWaits(port: number): void;
}

/** How long the end of a process may take to be told after its connection was cut. */
const ENDING_MS = 500;

/** Throws ReplayError or IsolationError before the trigger is sent; afterwards there is always a report. */
export async function replay(options: ReplayOptions): Promise<ReplayReport> {
  const recording = playable(options);
  const plan = planReplay(recording, options.service === undefined ? {} : { service: options.service });
  const settings = options.settingsOf(plan.service);
  await using opened = new AsyncDisposableStack();
  const scene = await setScene(options, plan, settings, opened);
  const { service, isolation, stage } = scene;
  const ready = service.ready(wantsPerson(options) ? undefined : options.readyTimeoutMs);
  await Promise.race([ready, interruption(options)]).catch((error: unknown) => {
    throw notReady(error, scene);
  });
  options.events.progress(`the service is ready; sending ${nameOf(plan.trigger)}`);
  const connect = () => isolation.connect(settings.port);
  const { pace, clock } = options;
  const sending = { connect, signal: deadline(options, service), patient: wantsPerson(options), pace, clock };
  const answer = await stage.run(() => sendTrigger(plan.trigger, sending));
  if (options.interrupt?.aborted === true) throw interrupted();
  scene.mocks.settle();
  // A connection that was cut is often the end of the process: it is told a moment later.
  if (answer.status === undefined && !service.endedSignal.aborted)
    await Promise.race([service.ended, delay(ENDING_MS, undefined, { ref: false })]).catch(() => undefined);
  return buildReport({ ...scene, options, plan, answer });
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
function playable({ recording, clock, events }: ReplayOptions): Recording {
  if (recording.disguises === undefined) return recording;
  const { recording: reminted, said } = remint(recording, clock.now());
  if (said !== undefined) events.progress(said);
  return reminted;
}

/** Everything that stands before the trigger is sent. */
interface Scene {
  readonly isolation: Isolation;
  readonly stage: Stage;
  readonly mocks: ServedMocks;
  readonly service: RunningService;
  readonly debug: DebugSession;
}

async function setScene(
  options: ReplayOptions,
  plan: ReplayPlan,
  settings: PlacedSettings,
  opened: AsyncDisposableStack,
): Promise<Scene> {
  const { backend, homeDirectory, clock, events, inheritedEnvironment, inspect, breakpoints } = options;
  const { projectDirectory, loopback } = settings;
  const { pace } = options;
  const authority = await createAuthority(plan.trigger.startedAt);
  const trust = opened.adopt(writeTrustFiles(authority.certificate), (files) => files.remove());
  const { binds } = trust;
  const isolation = await backend.open({ projectDirectory, homeDirectory, binds, hiddenUnixSockets: 'all' });
  opened.defer(() => isolation.close());
  const stage = new Stage();
  const matters = () => !stage.answered;
  const { env, port } = settings;
  const passwords = passwordsOf(serviceEnvironment({ inherited: inheritedEnvironment, settings: env, port, ...trust }));
  const mocks = await serveMocks({ plan, isolation, authority, clock, log: stage, matters, loopback, pace, passwords });
  opened.defer(() => mocks.close());
  events.progress(`${isolation.backend}: ${mocks.routes.length} recorded peers answer from the recording`);
  const output: ReplayEvents['output'] = (stream, text) => events.output(stream, text);
  const debugged = wantsDebugger(options);
  const service = await launchService({ isolation, settings, trust, inheritedEnvironment, debug: debugged, output });
  const waits = (port: number) => events.debuggerWaits(port);
  const debug = await openDebugSession({ isolation, service, inspect, breakpoints, waits });
  opened.defer(() => debug.close());
  return { isolation, stage, mocks, service, debug };
}

/** A service that does not come up often asks for what was not recorded: then that is named. */
function notReady(error: unknown, { mocks, stage }: Scene): unknown {
  const refused = mocks.refused().map(({ target, reason }) => `${target}: ${reason}`);
  const missed = stage.calls
    .filter(({ grade }) => grade === 'missed')
    .map(({ summary, peer }) => `${summary} at ${peer}: no recorded answer`);
  const unanswered = [...new Set([...refused, ...missed])];
  if (!(error instanceof ReplayError) || error.code !== 'not-ready' || unanswered.length === 0) return error;
  return new ReplayError(
    'not-ready',
    `${error.message}\nIt asked for what was not recorded:\n  ${unanswered.join('\n  ')}`,
    'Record it while it starts, so that its ambient profile has the answers; or give it others with env in loop.yaml.',
    { cause: error },
  );
}

/** Collects calls, and knows whether the trigger has its answer. */
class Stage {
  readonly calls: ReplayedCall[] = [];
  answered = false;

  add(call: ReplayedCall): void {
    this.calls.push(call);
  }

  async run(send: () => Promise<Answer>): Promise<Answer> {
    const answer = await send();
    this.answered = true;
    return answer;
  }
}

function wantsDebugger(options: ReplayOptions): boolean {
  return options.inspect !== undefined || options.breakpoints.length > 0;
}

/** A person with a debugger takes the time a person takes. */
function wantsPerson(options: ReplayOptions): boolean {
  return options.inspect !== undefined;
}

function deadline(options: ReplayOptions, service: RunningService): AbortSignal {
  const limits = [
    service.endedSignal,
    ...(options.interrupt === undefined ? [] : [options.interrupt]),
    ...(wantsPerson(options) ? [] : [AbortSignal.timeout(options.answerTimeoutMs)]),
  ];
  return AbortSignal.any(limits);
}

interface Performance extends Scene {
  readonly options: ReplayOptions;
  readonly plan: ReplayPlan;
  readonly answer: Answer;
}

function buildReport({ options, plan, answer, isolation, service, debug, stage, mocks }: Performance): ReplayReport {
  const recorded = recordedAnswer(plan.trigger);
  const diff = compareAnswers(recorded, asRecorded(plan, answer), {
    recordedAt: plan.trigger.startedAt,
    now: options.clock.now(),
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
    unused: [...mocks.unused()],
    refused: mocks.refused(),
    clock: { mode: 'real', recordedAt: new Date(plan.trigger.startedAt).toISOString() },
    debugger: debug.report(),
    isolation: { backend: isolation.backend, limits: [...isolation.limits] },
    exitCode: service.exitCode(),
    holes: options.recording.transaction.holes.map((hole) => hole.what),
  };
}

function reportCall({ explanation, ...call }: ReplayedCall): ReplayReport['calls'][number] {
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

function recordedAnswer(trigger: Exchange): Answer {
  const { response } = trigger;
  if (response === undefined) return NO_ANSWER;
  const { headers, trailers } = response;
  const cut = trigger.gaps.some(({ side }) => side === 'server');
  return { status: statusOf(trigger), headers, trailers, body: bodyOf(response), ...(cut && { cut }) };
}

function nameOf(exchange: Exchange): string {
  return `${methodOf(exchange)} ${pathOf(exchange)}`;
}
