// Thirty failures in a cascade of five services, two of which pass no context on, under good traffic: is each kept once, with the right origin?
//   LOOP_ENVOY=… node bench/attribution.ts -o json
// Against the services' own ledgers, of which nothing was on the wire. Progress on stderr, rows and totals on stdout.
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { judgeTransaction } from '../src/verdict/origin.ts';
import { judgeBy } from '../src/keeping/judge.ts';
import { BUILT_IN } from '../src/verdict/rules/set.ts';
import { allFailures, openLoop, startTestLoopd } from '../test/support/test-loopd.ts';
import type { TestLoopd } from '../test/support/test-loopd.ts';
import { envoyPath } from '../test/support/envoy.ts';
import type { Kept, Row } from './attribution/compare.ts';
import { placedIn, rowOf } from './attribution/compare.ts';
import { FAULTS } from './attribution/faults.ts';
import type { Mesh } from './attribution/mesh.ts';
import { startMesh } from './attribution/mesh.ts';
import { Truth } from './attribution/truth.ts';

const { values } = parseArgs({
  options: {
    output: { type: 'string', short: 'o', default: 'table' },
    verbose: { type: 'boolean', short: 'v', default: false },
    'in-flight': { type: 'string', default: '10' },
  },
});
const IN_FLIGHT = Number(values['in-flight']);

async function main(): Promise<boolean> {
  const began = performance.now();
  const loopd = await startTestLoopd();
  const mesh = await startMesh(join(loopd.data, 'mesh'), loopd.sink, envoyPath());
  try {
    const sent = await sendAll(mesh);
    say(`${sent} requests, ${IN_FLIGHT} at once; waiting for what was kept`);
    const kept = await everythingKept(loopd);
    const truth = new Truth(mesh.directory);
    const rows = FAULTS.map((fault) => rowOf(fault, truth, kept));
    const { right, placed, wrong, made, amiss } = placedIn(FAULTS, truth, kept);
    if (values.verbose) for (const line of amiss) say(line);
    if (values.verbose)
      for (const { summary, failed } of kept)
        say(
          `${summary.id} ${summary.transaction} ${summary.service} ${summary.path} ${summary.outcome} ${failed.length} failed of ${summary.exchanges}`,
        );
    const count = (holds: (row: Row) => boolean): string => `${rows.filter(holds).length}/${rows.length}`;
    const totals = {
      originRight: count((row) => row.originRight),
      keptOnce: count((row) => row.keptOnce),
      outcomeRight: count((row) => row.outcomeRight),
      precision: share(placed - wrong, placed),
      recall: share(right, made),
      placed,
      made,
      loops: kept.length,
      requests: sent,
      inFlight: IN_FLIGHT,
      seconds: Math.round((performance.now() - began) / 1000),
      complaints: loopd.complaints,
    };
    tell({ rows, totals });
    return rows.every((row) => row.keptOnce);
  } finally {
    await mesh.stop();
    await loopd.close();
  }
}

/** Good traffic all the time; one fault after the other. */
async function sendAll(mesh: Mesh): Promise<number> {
  let over = false;
  let sent = 0;
  const customer = async (number: number): Promise<void> => {
    for (;;) {
      if (over) return;
      await order(mesh.entryUrl, number).catch(() => undefined);
      sent += 1;
      await delay(Math.random() * 60);
    }
  };
  const customers = Array.from({ length: IN_FLIGHT }, (_, number) => customer(number));
  await delay(3_000);
  for (const { id, where, act, how } of FAULTS) {
    const file = join(mesh.faults, where);
    rmSync(`${file}.taken`, { force: true });
    writeFileSync(`${file}.new`, JSON.stringify({ id, kind: act, how }));
    renameSync(`${file}.new`, file);
    for (let waited = 0; existsSync(file) && waited < 5_000; waited += 25) await delay(25);
    await delay(450);
  }
  await delay(1_500);
  over = true;
  await Promise.all(customers);
  return sent;
}

function order(entryUrl: string, number: number): Promise<void> {
  const pick = (from: number): number => 1 + Math.floor(Math.random() * from);
  const items = Array.from({ length: pick(3) }, () => ({ sku: `sku-${pick(40)}`, quantity: pick(5) }));
  const body = JSON.stringify({ order: `o-${randomBytes(4).toString('hex')}`, customer: `c-${pick(60)}`, items });
  const headers = {
    'content-type': 'application/json',
    traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
    'x-customer': String(number),
  };
  return new Promise((resolve, reject) => {
    const request = http.request(`${entryUrl}/orders`, { method: 'POST', headers, agent: false }, (response) => {
      response.resume().on('end', resolve).on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** When no loop was added or changed for a while. */
async function everythingKept({ api }: TestLoopd): Promise<readonly Kept[]> {
  let seen = '';
  for (let quiet = 0; quiet < 6;) {
    await delay(500);
    const now = JSON.stringify((await allFailures(api)).map(({ id, exchanges }) => [id, exchanges]));
    quiet = now === seen ? quiet + 1 : 0;
    seen = now;
  }
  const kept: Kept[] = [];
  for (const summary of await allFailures(api)) {
    const { transaction } = await openLoop(api, summary.id);
    const { failures } = judgeTransaction(transaction, judgeBy(BUILT_IN));
    kept.push({ summary, transaction, failed: failures.map(({ exchange }) => exchange) });
  }
  return kept;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 1 : Math.round((1000 * part) / whole) / 1000;
}

function tell(result: { readonly rows: readonly Row[]; readonly totals: object }): void {
  if (values.output === 'json') return void process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
  const yes = (holds: boolean): string => (holds ? 'yes' : 'NO');
  const lines = result.rows.map(({ failure, kind, originRight, keptOnce, outcomeRight, origin = '' }) =>
    [String(failure).padStart(2), kind.padEnd(24), yes(originRight), yes(keptOnce), yes(outcomeRight), origin].join(
      '  ',
    ),
  );
  process.stdout.write(
    `failure, origin right, kept once, outcome right\n${lines.join('\n')}\n${JSON.stringify(result.totals)}\n`,
  );
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

process.exitCode = (await main()) ? 0 : 1;
