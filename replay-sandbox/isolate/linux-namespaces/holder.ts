import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setUpFailure } from './failures.ts';
import { type HelperReport, parseReport } from './helper-report.ts';
import { eachLine } from './lines.ts';

/** Where loop-isolate writes its reports. */
export const REPORT_FD = 3;

export type LimitReport = Extract<HelperReport, { kind: 'limit' | 'error' }>;

/** The process that keeps the namespaces. It ends when its standard input does, so also when this process dies. */
export interface Holder {
  /** The first process inside, as seen from here. */
  readonly pid: number;
  readonly limits: readonly LimitReport[];
  /** Resolves when everything inside is dead, for whatever reason. */
  readonly ended: Promise<void>;
  end(): void;
}

/** Makes the namespaces and mounts. Throws `unavailable`, `bind-failed`, `set-up-failed`; nothing is left then. */
export async function openHolder(helper: string, mountSteps: readonly string[]): Promise<Holder> {
  const child = spawn(helper, ['hold', ...mountSteps], { stdio: ['pipe', 'ignore', 'inherit', 'pipe'], env: {} });
  const { stdin, stdio } = child;
  // Ending it after it died is no error.
  stdin?.on('error', () => {});
  const limits: LimitReport[] = [];
  let failure: LimitReport | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  const pid = await new Promise<number | undefined>((resolve) => {
    eachLine(stdio[REPORT_FD] as Readable, (line) => {
      const report = parseReport(line);
      if (report?.kind === 'ready') resolve(report.pid);
      if (report?.kind === 'limit') limits.push(report);
      if (report?.kind === 'error') failure ??= report;
    });
    void ended.then(() => resolve(undefined));
  });
  if (pid === undefined) throw await setUpFailure(failure ?? { code: 'helper', errno: '', detail: helper });
  return { pid, limits, ended, end: () => stdin?.end() };
}
