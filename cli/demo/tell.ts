/** What the demo tells a person about the recording, and what to type next. */
import type { LoopSummary } from '../../src/domain/loop.ts';
import { parseLoopView } from '../../src/seal/view-schema.ts';
import { loopLines } from '../output/loop.ts';
import type { Recorded } from './record.ts';

/** Says what was kept and tossed; returns the failure that is replayed. */
export function tellFailures(say: (line: string) => void, recorded: Recorded): LoopSummary {
  const { failures, chosen, tossed, traffic } = recorded;
  const notFailures = traffic.sent.filter(({ status }) => status >= 400 && status < 500).length;
  say(
    `\n${traffic.sent.length} requests: ${tossed} transactions tossed (${notFailures} of them answered 4xx, which is no failure), ${failures.length} kept.\n`,
  );
  say('loopctl list failures');
  for (const loop of failures)
    say(
      `  ${loop.id}  ${loop.method} ${loop.path}  ${loop.status ?? '-'}  began at ${loop.origin?.service ?? '?'}: ${loop.origin?.summary ?? ''}`,
    );
  say(`\nloopctl show ${chosen.id}`);
  const view = parseLoopView(recorded.view);
  for (const line of view === undefined ? [] : loopLines(chosen, view, false)) say(`  ${line}`);
  return chosen;
}

export interface Next {
  readonly data: string;
  readonly loop: string;
  readonly shop: string;
  readonly place: { readonly file: string; readonly line: number };
}

export function tellNext(say: (line: string) => void, { data, loop, shop, place }: Next): void {
  say('\nThe recording stays. Try:');
  say(`  export LOOP_DATA=${data}`);
  say('  npm run -s loopctl -- list failures -o wide');
  say(`  npm run -s loopctl -- show ${loop} --bodies`);
  say(`  cd ${shop}/pricing`);
  say(`  npm run -s loopctl -- replay ${loop} -- node server.js`);
  say(`  npm run -s loopctl -- replay ${loop} --break ${place.file}:${place.line} -- node server.js`);
  say(
    `  npm run -s loopctl -- replay ${loop} --inspect -- node server.js     (then attach VS Code, or open chrome://inspect)`,
  );
}
