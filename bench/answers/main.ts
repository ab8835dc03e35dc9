// Right answers, wrong answers and explained misses: ours beside whatever else of its kind runs here, on the same recorded HTTP traffic.
//   npm run -s bench:answers -- --json --only Loop,WireMock
// Rows on stdout, progress on stderr. Exit code 1 when ours gave a wrong answer without saying so.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { judge } from './judge.ts';
import type { Row } from './judge.ts';
import { loop } from './peers/loop.ts';
import { mitmproxy } from './peers/mitmproxy.ts';
import { nock } from './peers/nock.ts';
import type { Peer } from './peers/peer.ts';
import { hoverfly, keploy } from './peers/unavailable.ts';
import { wiremock } from './peers/wiremock.ts';

const PEERS: readonly Peer[] = [loop, wiremock, mitmproxy, nock, hoverfly, keploy];

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    only: { type: 'string', default: PEERS.map(({ name }) => name).join(',') },
  },
});

type Line = Row | { readonly peer: string; readonly unavailable: string };

async function lineOf(peer: Peer): Promise<Line> {
  process.stderr.write(`${peer.name} …\n`);
  const directory = mkdtempSync(join(tmpdir(), 'answers-'));
  try {
    return judge(peer.name, await peer.measure({ directory }));
  } catch (error) {
    return { peer: peer.name, unavailable: error instanceof Error ? error.message : String(error) };
  } finally {
    if (values.keep) process.stderr.write(`kept ${directory}\n`);
    else rmSync(directory, { recursive: true, force: true });
  }
}

function print(line: Line): void {
  if ('unavailable' in line)
    return void process.stdout.write(`${line.peer.padEnd(12)}unavailable: ${line.unavailable}\n`);
  const { peer, version, questions, right, wrong, wrongSaid, missed, explained, groups } = line;
  const counts = `right ${right}/${questions}  wrong ${wrong} (and said so ${wrongSaid})  missed ${missed}, explained ${explained}`;
  process.stdout.write(`${`${peer} ${version}`.padEnd(20)}${counts}\n`);
  for (const [name, counted] of Object.entries(groups))
    process.stdout.write(`  ${name.padEnd(30)}right ${counted.right}/${counted.questions}  wrong ${counted.wrong}\n`);
}

const wanted = values.only.split(',').map((name) => name.toLowerCase());
const lines: Line[] = [];
for (const peer of PEERS) {
  if (wanted.includes(peer.name.toLowerCase())) lines.push(await lineOf(peer));
}
if (values.json) process.stdout.write(`${JSON.stringify(lines, undefined, 2)}\n`);
else lines.forEach(print);
const ours = lines.find(({ peer }) => peer === loop.name);
if (ours !== undefined && ('unavailable' in ours || ours.wrong > 0)) process.exitCode = 1;
