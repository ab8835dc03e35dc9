// What receiving an exchange costs, ring, index, verdict and tossing included: ours, beside grpc-js and node:http2 with the same recorder behind them,
// and nghttpd, which only reads and discards.
//   npm run -s bench:ingest -- --json > bench/results/ingest.json
//   node bench/ingest.ts --quick
//   node bench/ingest.ts --servers http2,nghttpd --rows 1k@5000,1k@flat --rounds 3
// A generator in C on the other core sends what a real Envoy was seen to send, at fixed rates (open loop) and flat out. Rounds are interleaved; figures
// are medians of them, CPU is of the whole server process in steady state, its timers too. What was sent and
// never reached the sink is lost; what reached it and is not among the transactions its index settled was shed. Exit code 1 when anything was lost,
// or shed at a rate that was kept.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { planOf } from './ingest/plan.ts';
import { Rounds } from './ingest/rounds.ts';
import { nghttpdVersion, startNghttpd, startSink } from './ingest/servers.ts';
import type { Server, ServerName } from './ingest/servers.ts';
import { linesOf, summarize } from './ingest/summary.ts';
import { Generator } from './load/generator.ts';
import { environment } from './load/numbers.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    /** Every size at every rate: half an hour. */
    full: { type: 'boolean', default: false },
    rows: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    connections: { type: 'string', default: '4' },
    servers: { type: 'string', default: 'http2,grpc-js,node-http2,nghttpd' },
  },
});

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function startServers(folder: string): Promise<readonly Server[]> {
  const wanted = values.servers.split(',') as ServerName[];
  if (wanted.includes('nghttpd') && nghttpdVersion() === undefined) {
    say('MISSING: nghttpd. There will be no ratio to it. As root: apt-get install nghttp2-server');
    wanted.splice(wanted.indexOf('nghttpd'), 1);
  }
  const servers: Server[] = [];
  for (const name of wanted) servers.push(await (name === 'nghttpd' ? startNghttpd() : startSink(name, folder)));
  return servers;
}

async function main(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'loop-ingest-'));
  const plan = planOf({ ...values, connections: Number(values.connections) });
  const generator = new Generator(folder);
  const servers = await startServers(folder);
  try {
    const rounds = new Rounds(generator, servers, plan, say);
    await rounds.warm();
    for (const row of plan.rows) for (const line of linesOf(await rounds.row(row))) say(line);
    const result = {
      ...summarize(rounds.results),
      environment: environment({ nghttpd: nghttpdVersion() }),
      plan: { ...plan, rows: plan.rows.length },
    };
    if (values.json) process.stdout.write(`${JSON.stringify(result, undefined, 1)}\n`);
    else say(JSON.stringify({ ...result, rows: undefined }, undefined, 1));
    return result.lost === 0 && result.shed === 0;
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = (await main()) ? 0 : 1;
