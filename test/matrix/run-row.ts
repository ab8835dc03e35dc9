/** One row: server up, recorded, server down, replayed, counted. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestLoopd } from '../support/test-loopd.ts';
import { countStatements } from './counting.ts';
import type { App } from './manifest.ts';
import { record } from './recorded.ts';
import type { Recorded, RowPlace } from './recorded.ts';
import { replay } from './replayed.ts';
import type { Replayed } from './replayed.ts';
import type { Line, Row } from './row.ts';
import { SERVERS } from './servers/servers.ts';
import { TOOLCHAINS } from './toolchains/toolchains.ts';

/** Never throws: what goes wrong is in the line. */
export async function runRow(app: App, { keep = false }: { readonly keep?: boolean } = {}): Promise<Line> {
  const began = performance.now();
  const { protocol, driver, language } = app;
  const prepared = await TOOLCHAINS[language](app).catch((error: unknown) => lacking(error));
  const kind = SERVERS[protocol];
  if (kind === undefined) return { protocol, driver, language, unavailable: `there is no server for ${protocol} yet` };
  if (prepared.kind === 'lacking') return { protocol, driver, language, unavailable: prepared.reason };
  const directory = mkdtempSync(join(tmpdir(), 'matrix-row-'));
  const daemon = await startTestLoopd();
  let server = 'unknown';
  const seconds = (): number => Math.round((performance.now() - began) / 100) / 10;
  try {
    const place = { app, prepared, kind, daemon, directory };
    const { recorded, replayed, running } = await bothHalves(place, (name) => (server = name));
    return { ...rowOf(place, recorded, replayed), version: prepared.version, server: running, seconds: seconds() };
  } catch (error) {
    const remarks = [error instanceof Error ? error.message : String(error), ...daemon.complaints];
    return { ...nothing(app), version: prepared.version, server, seconds: seconds(), remarks };
  } finally {
    await daemon.close();
    if (keep) process.stderr.write(`kept ${directory}\n`);
    else rmSync(directory, { recursive: true, force: true });
  }
}

function lacking(error: unknown): { readonly kind: 'lacking'; readonly reason: string } {
  return { kind: 'lacking', reason: error instanceof Error ? error.message : String(error) };
}

async function bothHalves(place: RowPlace, named: (version: string) => void) {
  const server = await place.kind.start();
  named(server.version);
  let recorded: Recorded;
  try {
    recorded = await record(place, server);
  } finally {
    await server.stop();
  }
  writeFileSync(join(place.directory, 'answer.json'), recorded.answer);
  writeFileSync(join(place.directory, 'statements.json'), JSON.stringify(recorded.statements, undefined, 1));
  return { recorded, replayed: await replay(place, recorded, server.env), running: server.version };
}

type Outcome = Omit<Row, 'version' | 'server' | 'seconds'>;

function rowOf({ app, kind }: RowPlace, recorded: Recorded, { report, said }: Replayed): Outcome {
  const { outcome, diff, calls, refused, holes } = report;
  const canonical = kind.canonical ?? ((text) => text);
  const { remarks, ...counts } = countStatements(
    recorded.statements.map((line) => ({ ...line, text: canonical(line.text) })),
    calls.map(({ exchange = '', summary, grade, source }) => ({
      // Ids of ambient commands count from their own beginning of the connection.
      text: canonical((source === 'ambient' ? undefined : recorded.commands.get(exchange)) ?? summary),
      grade,
      ...(source !== undefined && { source }),
    })),
  );
  const odd = calls.filter(({ grade }) => grade === 'drifted' || grade === 'missed');
  return {
    ...whoOf(app),
    ...counts,
    outcome,
    remarks: [
      ...remarks,
      ...odd.map(({ summary, grade, explanation = [] }) => [`${grade}: ${summary}`, ...explanation].join('\n    ')),
      ...diff.map(({ where, recorded: then = 'nothing', replayed: now = 'nothing' }) => `${where}: ${then} ≠ ${now}`),
      ...refused.map(({ target, reason }) => `refused: ${target}, ${reason}`),
      ...holes,
      ...(outcome === 'reproduced' ? [] : [`the app said: ${said}`]),
    ],
  };
}

function whoOf({ protocol, driver, language, workload }: App) {
  return { protocol, driver, language, workload };
}

function nothing(app: App): Omit<Outcome, 'remarks'> {
  return { ...whoOf(app), statements: 0, identical: 0, drifted: 0, missed: 0, outcome: 'failed' };
}
