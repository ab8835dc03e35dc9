/** What is told of all services that ran, together: where several did, each line names its own. */
import type { Ending } from '../launch/service.ts';
import type { Player, Players } from '../scene.ts';
import type { ReplayReport } from './report.ts';

type Told = Pick<ReplayReport, 'cast' | 'real' | 'unused' | 'refused' | 'debugger' | 'isolation' | 'exitCode'>;

export function tellPlayers(players: Players): Told {
  const [lead] = players;
  const isAlone = players.length === 1;
  return {
    cast: players.map(({ plan, settings, service, debug }) => ({
      service: plan.service,
      command: [...settings.run],
      exitCode: debug.exitCode(service.exitCode()),
      ...endedOf(service.ending(), debug.exitCode(service.exitCode())),
    })),
    real: realPeers(players),
    unused: players.flatMap(({ plan, mocks, real }) =>
      [...mocks.unused(), ...real.unused()].map((line) => (isAlone ? line : `${plan.service}: ${line}`)),
    ),
    refused: players.flatMap(({ plan, mocks }) =>
      mocks.refused().map((refusal) => (isAlone ? refusal : { ...refusal, service: plan.service })),
    ),
    debugger: debuggers(players),
    isolation: {
      backend: lead.isolation.backend,
      limits: [...new Set(players.flatMap(({ isolation, real }) => [...isolation.limits, ...real.limits]))],
    },
    exitCode: lead.debug.exitCode(lead.service.exitCode()),
  };
}

/** Below a debugger the code is its own, not the debugger's. */
function endedOf(ending: Ending | undefined, code: number | null): Pick<ReplayReport['cast'][number], 'ended'> {
  if (ending === undefined) return {};
  return { ended: { how: code === null ? ending.how : `with code ${code}`, lastLines: [...ending.lastLines] } };
}

/** The connections of all services to one peer are counted together. */
function realPeers(players: readonly Player[]): ReplayReport['real'] {
  const byPeer = new Map<string, ReplayReport['real'][number]>();
  for (const { peer, address, connections, bytesOut, bytesIn } of players.flatMap(({ real }) => real.passed())) {
    const before = byPeer.get(peer) ?? { connections: 0, bytesOut: 0, bytesIn: 0 };
    byPeer.set(peer, {
      peer,
      address,
      connections: before.connections + connections,
      bytesOut: before.bytesOut + bytesOut,
      bytesIn: before.bytesIn + bytesIn,
    });
  }
  return [...byPeer.values()];
}

/** A breakpoint that one of the services has is bound. */
function debuggers(players: Players): ReplayReport['debugger'] {
  const isAlone = players.length === 1;
  const all = players.map(({ debug, plan: { service } }) => {
    const one = debug.report();
    return isAlone ? one : { ...one, breakpoints: one.breakpoints.map((hit) => ({ service, ...hit })) };
  });
  const [first = players[0].debug.report(), ...more] = all.filter(({ kind }) => kind !== 'none');
  if (more.length === 0) return first;
  const bound = distinct([first, ...more].flatMap((one) => one.bound));
  const keys = new Set(bound.map(keyOf));
  return {
    ...first,
    bound,
    unbound: distinct([first, ...more].flatMap((one) => one.unbound)).filter((place) => !keys.has(keyOf(place))),
    hits: [first, ...more].reduce((sum, { hits }) => sum + hits, 0),
    breakpoints: [first, ...more].flatMap(({ breakpoints }) => breakpoints),
  };
}

type Place = ReplayReport['debugger']['bound'][number];

function distinct(places: readonly Place[]): Place[] {
  return [...new Map(places.map((place) => [keyOf(place), place])).values()];
}

function keyOf({ file, line }: Place): string {
  return `${file}:${line}`;
}
