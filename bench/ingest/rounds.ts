/** Runs the rows: each round is one turn of every server. */
import { setTimeout as delay } from 'node:timers/promises';
import { keepAwake } from '../load/awake.ts';
import { CORES } from '../load/generator.ts';
import type { Generator, LoadReport } from '../load/generator.ts';
import { nameOf } from './plan.ts';
import type { Plan, Row } from './plan.ts';
import type { Server, ServerName } from './servers.ts';

/** One server's turns at one row. */
export interface Turns {
  readonly row: Row;
  readonly server: ServerName;
  /** CPU seconds it takes in a second without a call. */
  readonly idle: number;
  readonly reports: readonly LoadReport[];
  /** Calls sent, those the transport began, and distinct transactions the index had of them; the latter two undefined of one that only discards. */
  readonly sent: number;
  readonly received: number | undefined;
  readonly transactions: number | undefined;
  readonly residentMb: number | undefined;
}

const IDLE_SECONDS = 2;
const IDLE_LOOKS = 3;
/** Fills the ring of a recorder and lets V8 compile what is hot. */
const FILL = 80_000;
const FILL_SECONDS = 12;
/** What was given up in the fill is remembered for a minute (src/recorder/shedding.ts), and every exchange is asked about it meanwhile. */
const FORGOTTEN_MS = 61_000;
/** How long the last transactions may take to be settled: a second of linger is cut short at the end, a second of silence is not. */
const SETTLED_MS = 8000;

export class Rounds {
  readonly results: Turns[][] = [];
  readonly #generator: Generator;
  readonly #servers: readonly Server[];
  readonly #plan: Plan;
  readonly #say: (line: string) => void;
  readonly #idle = new Map<ServerName, number>();
  #seed = 1;

  constructor(generator: Generator, servers: readonly Server[], plan: Plan, say: (line: string) => void) {
    this.#generator = generator;
    this.#servers = servers;
    this.#plan = plan;
    this.#say = say;
  }

  async warm(): Promise<void> {
    for (const server of this.#servers) {
      const began = performance.now();
      for (let sent = 0; sent < FILL && performance.now() - began < FILL_SECONDS * 1000;)
        sent += (await this.#send(server, { shape: '1k', rate: undefined }, 0.5, 0.5)).sentInAll;
      await settled(server, undefined);
      const idle = await this.#idleShare(server);
      this.#idle.set(server.name, idle);
      this.#say(`${server.name} is warm; idle it takes ${(idle * 100).toFixed(2)} % of a core`);
    }
    await delay(FORGOTTEN_MS);
  }

  /** The least of some looks: what the fill has left to collect and to compile is in the first. */
  async #idleShare(server: Server): Promise<number> {
    let least = Infinity;
    for (let look = 0; look < IDLE_LOOKS; look++) {
      const { cpuSeconds, seconds } = await this.#send(server, { shape: '1k', rate: 1e-6 }, 0.5, IDLE_SECONDS);
      least = Math.min(least, cpuSeconds / seconds);
    }
    return least;
  }

  async row(row: Row): Promise<readonly Turns[]> {
    const before = new Map<ServerName, Awaited<ReturnType<Server['counts']>>>();
    for (const server of this.#servers) before.set(server.name, await server.counts());
    const reports = await this.#reports(row);
    const turns: Turns[] = [];
    for (const server of this.#servers) {
      const own = reports.get(server.name) ?? [];
      const earlier = before.get(server.name);
      const sent = own.reduce((sum, { sentInAll }) => sum + sentInAll, 0);
      const counts = await settled(server, earlier && earlier.transactions + sent);
      turns.push({
        row,
        server: server.name,
        idle: this.#idle.get(server.name) ?? 0,
        reports: own,
        sent,
        received: counts && earlier && counts.calls - earlier.calls,
        transactions: counts && earlier && counts.transactions - earlier.transactions,
        residentMb: counts && Math.round(counts.residentBytes / 1e6),
      });
    }
    this.results.push(turns);
    return turns;
  }

  async #reports(row: Row): Promise<ReadonlyMap<ServerName, readonly LoadReport[]>> {
    const reports = new Map<ServerName, LoadReport[]>(this.#servers.map(({ name }) => [name, []]));
    const letSleep = row.asleep === true ? undefined : await keepAwake(CORES.servers);
    try {
      for (let round = 0; round < this.#plan.rounds; round++) {
        // Not always in the same order: what a turn leaves behind in caches and clocks meets all.
        const order = this.#servers.map((_, index) => this.#servers[(index + round) % this.#servers.length]);
        for (const server of order) {
          if (server === undefined) continue;
          reports.get(server.name)?.push(await this.#send(server, row, this.#plan.warmSeconds, this.#plan.seconds));
        }
      }
    } finally {
      await letSleep?.();
    }
    return reports;
  }

  async #send(server: Server, row: Row, warmSeconds: number, seconds: number): Promise<LoadReport> {
    this.#seed += 1;
    const { connections } = this.#plan;
    const load = { ...row, connections, warmSeconds, seconds, seed: this.#seed };
    const report = await this.#generator.send(server.target, server.pid, load);
    if (!report.drained) this.#say(`${server.name} at ${nameOf(row)} broke off: ${JSON.stringify(report.answered)}`);
    return report;
  }
}

/** The counts when `wanted` transactions are settled; of one that never gets there, those it has after a while. */
async function settled(server: Server, wanted: number | undefined): ReturnType<Server['counts']> {
  const until = performance.now() + SETTLED_MS;
  for (;;) {
    const counts = await server.counts();
    if (counts === undefined || (wanted !== undefined && counts.transactions >= wanted)) return counts;
    if (performance.now() >= until) return counts;
    if (wanted === undefined && counts.openTransactions === 0) return counts;
    await delay(wanted === undefined ? 2500 : 100);
    if (wanted === undefined) return server.counts();
  }
}
