/** One row of the bench: a rate and a size, measured without Loop, with it, with it, and without it. */
import type { ChildLoopd } from '../../test/support/child-loopd.ts';
import type { LoadReport } from '../load/http.ts';
import { sendHttp } from '../load/http.ts';
import { median, rounded } from '../load/numbers.ts';
import { cpuOf } from '../load/processes.ts';
import type { Account } from './accounts.ts';
import { Accounting } from './accounts.ts';
import type { Sidecar } from './sidecar.ts';

/** One in so many fails, and is kept: it has to be whole. */
export const FAIL_EVERY = 1000;
/** Above it a core has nothing left: latencies are of the queue in front of it. */
const FULL = 0.95;
/** A queue that grows: the last of the requests waited so long to be sent, ms. */
const BEHIND_MS = 500;

export interface Stage {
  readonly plain: Sidecar;
  readonly recorded: Sidecar;
  readonly loopd: ChildLoopd;
  readonly core: number;
  readonly seconds: number;
  readonly warmup: number;
}

export interface Question {
  readonly rate: number;
  readonly body: number;
  /** Runs of each kind; two at least, for the spread. */
  readonly runs: number;
}

interface Run {
  readonly load: LoadReport;
  readonly envoy: Taken;
  readonly sink: Taken;
  readonly account: Account | undefined;
}

/** By a process, while the requests that count were due and answered. */
interface Taken {
  readonly usPerRequest: number;
  /** Shares of a core: had, and wanted while somebody else had it. */
  readonly core: number;
  readonly waited: number;
}

let seed = 0;

/** A B B A, so that a machine that grows slower or faster meanwhile counts for both. */
export async function rowOf(stage: Stage, question: Question) {
  const plain: Run[] = [];
  const recorded: Run[] = [];
  const from = Date.now();
  for (let index = 0; index < question.runs; index++) {
    const order = index % 2 === 0 ? (['plain', 'recorded'] as const) : (['recorded', 'plain'] as const);
    for (const kind of order) {
      const run = await runOf(stage, question, stage[kind]);
      (kind === 'plain' ? plain : recorded).push(run);
      say(question, kind, run);
    }
  }
  const between = [from, Date.now()] as const;
  return { rate: question.rate, bodyBytes: question.body, between, ...costs(plain, recorded), ...accounts(recorded) };
}

async function runOf(stage: Stage, { rate, body }: Question, sidecar: Sidecar): Promise<Run> {
  const accounting = sidecar.kind === 'plain' ? undefined : new Accounting(sidecar, stage.loopd);
  await accounting?.begin();
  const look = () => ({ at: performance.now(), envoy: cpuOf(sidecar.pid), sink: cpuOf(stage.loopd.pid) });
  let before = look();
  seed += 1;
  const load = await sendHttp(
    {
      port: sidecar.port,
      core: stage.core,
      rate,
      seconds: stage.seconds,
      warmup: stage.warmup,
      body,
      answer: body,
      connections: 64,
      seed,
      failEvery: FAIL_EVERY,
    },
    () => (before = look()),
  );
  const after = look();
  const seconds = (after.at - before.at) / 1000;
  const taken = (of: 'envoy' | 'sink'): Taken => {
    const ran = after[of].ran - before[of].ran;
    const waited = after[of].waited - before[of].waited;
    return { usPerRequest: (ran * 1e6) / load.requests, core: ran / seconds, waited: waited / seconds };
  };
  return {
    load,
    envoy: taken('envoy'),
    sink: taken('sink'),
    account: await accounting?.end(load.requests + load.warmup),
  };
}

function isSustained({ load, envoy }: Run): boolean {
  return load.errors === 0 && envoy.core < FULL && load.waitedMs.max < BEHIND_MS;
}

function costs(plain: readonly Run[], recorded: readonly Run[]) {
  const us = (runs: readonly Run[], of: (run: Run) => Taken) => {
    const all = runs.map((run) => rounded(of(run).usPerRequest, 1));
    return { median: rounded(median(all), 1), runs: all };
  };
  const sink = us(recorded, (run) => run.sink);
  const withSink = us(recorded, (run) => run.envoy);
  const without = us(plain, (run) => run.envoy);
  return {
    sustainedWithout: plain.every(isSustained),
    sustained: recorded.every(isSustained),
    envoyUsWithout: without,
    envoyUsWith: withSink,
    sinkUs: sink,
    sinkShareOfEnvoy: rounded(sink.median / withSink.median, 3),
    sinkShareOfEnvoyWithout: rounded(sink.median / without.median, 3),
    envoyCore: rounded(median(recorded.map(({ envoy }) => envoy.core))),
    /** Wanted and not had, of a core: more than a few hundredths, and the machine did something else. */
    envoyWaited: rounded(Math.max(...[...plain, ...recorded].map(({ envoy }) => envoy.waited))),
    sinkWaited: rounded(Math.max(...recorded.map(({ sink }) => sink.waited))),
    p50Ms: latencies(plain, recorded, ({ latencyMs }) => latencyMs.p50),
    p99Ms: latencies(plain, recorded, ({ latencyMs }) => latencyMs.p99),
    /** How late the generator itself was. */
    generatorP99Ms: latencies(plain, recorded, ({ noticedMs }) => noticedMs.p99),
    errors: [...plain, ...recorded].reduce((all, { load }) => all + load.errors, 0),
  };
}

/** `spread`: how far runs that should be the same are apart, the larger of the two pairs. */
function latencies(plain: readonly Run[], recorded: readonly Run[], of: (load: LoadReport) => number) {
  const without = plain.map(({ load }) => of(load));
  const withSink = recorded.map(({ load }) => of(load));
  return {
    without,
    with: withSink,
    delta: rounded(median(withSink) - median(without), 3),
    spread: rounded(Math.max(range(without), range(withSink)), 3),
  };
}

function range(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}

function accounts(recorded: readonly Run[]) {
  const all = recorded.flatMap(({ account }) => (account === undefined ? [] : [account]));
  const total = (of: (account: Account) => number): number => all.reduce((sum, account) => sum + of(account), 0);
  return {
    recordedShare: Math.min(...all.map(({ recordedShare }) => recordedShare)),
    requests: total(({ requests }) => requests),
    transactions: total(({ transactions }) => transactions),
    unrecorded: total(({ unrecorded }) => unrecorded),
    messagesSent: total(({ messagesSent }) => messagesSent),
    messagesReceived: total(({ messagesReceived }) => messagesReceived),
    shed: total(({ shed }) => shed),
  };
}

function say({ rate, body }: Question, kind: string, { load, envoy, sink, account }: Run): void {
  const { latencyMs, errors } = load;
  const us = ({ usPerRequest, waited }: Taken): string => `${usPerRequest.toFixed(0)} µs (waited ${waited.toFixed(2)})`;
  process.stderr.write(
    `${rate}/s, ${body} B, ${kind}: Envoy ${us(envoy)}, sink ${us(sink)}, p50 ${latencyMs.p50} ms, p99 ${latencyMs.p99} ms, ` +
      `${errors} errors${account === undefined ? '' : `, ${(account.recordedShare * 100).toFixed(2)} % recorded`}\n`,
  );
}
