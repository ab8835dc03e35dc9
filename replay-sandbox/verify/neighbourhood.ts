/** The same request in worse weather: each dependency slow, failing, reset, and the request itself sent twice. */
import { ReplayError } from '../error.ts';
import type { ReplayOptions } from '../options.ts';
import type { ReplayPlan } from '../plan/plan.ts';
import type { Performance } from '../report/build.ts';
import { perform } from '../replay.ts';
import { failed, peersOf, reset, slow, twice, type PeerOf } from '../edit/weather.ts';
import type { Neighbour } from './report.ts';

export interface NeighbourhoodWish {
  readonly slowMs: number;
}

interface Case extends Pick<Neighbour, 'peer' | 'change' | 'detail'> {
  readonly edit: (plan: ReplayPlan) => ReplayPlan;
  readonly sendings?: number;
}

/** One replay after the other. Throws ReplayError `interrupted`; whatever else goes wrong is a row. */
export async function neighbourhoodOf(
  options: ReplayOptions,
  { slowMs }: NeighbourhoodWish,
): Promise<readonly Neighbour[]> {
  const plans: ReplayPlan[] = [];
  const rows: Neighbour[] = [];
  const first = {
    peer: 'the request',
    change: 'duplicated',
    detail: 'is sent twice',
    edit: twice,
    sendings: 2,
  } as const;
  rows.push(await oneCase(options, first, (plan) => plans.push(plan)));
  for (const peer of plans.flatMap(peersOf))
    for (const one of casesOf(peer, slowMs)) rows.push(await oneCase(options, one));
  return rows;
}

function casesOf(peer: PeerOf, slowMs: number): readonly Case[] {
  const { name, protocol } = peer;
  const of = { peer: `${protocol} ${name}` };
  return [
    { ...of, change: 'slow', detail: `answers after ${slowMs} ms more`, edit: (plan) => slow(plan, peer, slowMs) },
    { ...of, change: 'failed', detail: peer.failure, edit: (plan) => failed(plan, peer) },
    ...(protocol === 'http'
      ? [{ ...of, change: 'reset' as const, detail: 'breaks off', edit: (plan: ReplayPlan) => reset(plan, peer) }]
      : []),
  ];
}

async function oneCase(
  options: ReplayOptions,
  { edit, sendings, ...said }: Case,
  planned: (plan: ReplayPlan) => void = () => undefined,
): Promise<Neighbour> {
  const began = options.clock.now();
  const base = options.edit ?? ((plan: ReplayPlan) => plan);
  const changed = (plan: ReplayPlan): ReplayPlan => {
    const before = base(plan);
    planned(before);
    return edit(before);
  };
  const told = await perform({ ...options, sendings, edit: changed }, outcomeOf).catch((error: unknown) => {
    if (!(error instanceof ReplayError) || error.code === 'interrupted') throw error;
    return { outcome: 'not-started' as const, status: null, said: error.message.split('\n', 1)[0] ?? '' };
  });
  return { ...said, ...told, ms: Math.round(options.clock.now() - began) };
}

function outcomeOf({
  answer,
  outOfTime,
  players: [{ service }],
}: Performance): Pick<Neighbour, 'outcome' | 'status' | 'said'> {
  const exit = service.exitCode();
  if (answer.status !== undefined) return { outcome: 'answered', status: answer.status };
  if (exit !== null || service.endedSignal.aborted)
    return { outcome: 'crashed', status: null, said: `the service ended with exit code ${exit ?? 'unknown'}` };
  if (outOfTime === true) return { outcome: 'hung', status: null, said: 'there was no answer' };
  return { outcome: 'cut', status: null, said: 'the connection was cut without an answer' };
}
