/** What one replay showed. Pure. */
import { basename } from 'node:path';
import { isNothing } from '../support/leftovers.ts';
import { EXTRA } from './replayed.ts';
import type { Replayed } from './replayed.ts';
import type { Findings } from './row.ts';
import type { Runtime } from './runtimes.ts';
import { SECURE } from './world.ts';

/** Of the local `total` at the breakpoint. */
const TOTAL = '4217';
const SECOND = 1000;
/** The report's own words for a service whose clock it cannot move. */
const PRESENT = /keeps the real time|has the present time/;

export interface Found {
  readonly findings: Findings;
  readonly remarks: readonly string[];
}

export function findingsOf({ source, line }: Runtime, { report, said, left, seen }: Replayed): Found {
  const hits = report.debugger.breakpoints;
  const hit = hits.find((one) => one.line === line && basename(one.file) === basename(source));
  const total = hit?.locals.find(({ name }) => name === 'total')?.value;
  const [, clock] = /clock (\d+)/.exec(said) ?? [];
  const off = Number(clock) - Date.parse(report.clock.recordedAt);
  const [, tls] = /tls (?:true )(.*)/.exec(said) ?? [];
  const refused = EXTRA.filter((target) =>
    report.refused.some((dial) => target.startsWith(dial.target.split(':')[0] ?? '-')),
  );
  const dialled = EXTRA.filter((target) => said.includes(`dial ${target} `));
  const answered = said.includes(' answered\n');
  const findings = {
    breakpointHit: hit !== undefined,
    localRead: total === TOTAL,
    // What the report says it cannot move is no failure, but no success either.
    clockWithin1s:
      clock !== undefined &&
      (Math.abs(off) <= SECOND || (report.clock.limits.find((limit) => PRESENT.test(limit)) ?? false)),
    tlsAccepted:
      tls?.includes(SECURE) === true &&
      report.calls.some(({ peer, grade }) => peer.startsWith(SECURE) && grade === 'exact'),
    reproduced: report.outcome === 'reproduced',
    refusedReported: dialled.length === EXTRA.length && refused.length === EXTRA.length && !answered,
    processesGone: isNothing(left) && seen.processes > 1 && seen.namespaces > 0,
  };
  const evidence = {
    breakpointHit: () =>
      `stops: ${JSON.stringify(hits.map(({ file, line: at }) => `${file}:${at}`))}, unbound ${JSON.stringify(report.debugger.unbound)}`,
    localRead: () => `total is ${String(total)}; locals ${JSON.stringify(hit?.locals)}`,
    clockWithin1s: () => `the service's clock is ${off} ms from the recorded time`,
    tlsAccepted: () => `TLS: ${String(tls)}`,
    reproduced: () =>
      [
        ...report.diff.map((one) => JSON.stringify(one)),
        ...report.missed.map(({ summary }) => `missed ${summary}`),
      ].join('; '),
    refusedReported: () => `dialled ${dialled.join(', ')}; refused ${JSON.stringify(report.refused)}`,
    processesGone: () => `left: ${JSON.stringify(left)}; seen: ${JSON.stringify(seen)}`,
  };
  const remarks = Object.entries(findings).flatMap(([name, held]) =>
    held ? [] : [`${name}: ${evidence[name as keyof typeof evidence]()}`],
  );
  return { findings, remarks };
}
