/** h2spec, the conformance tests of HTTP/2 and HPACK: https://github.com/summerwind/h2spec */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, run } from '../matrix/toolchains/cached.ts';
import { goCompiler } from '../matrix/toolchains/go.ts';
import { temporaryDirectory } from './temporary.ts';

const H2SPEC = 'github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible';

/** How long a case waits for an answer that does not come, in seconds. */
const TIMEOUT = '1';

export interface H2SpecCase {
  /** Suite, section and number: `http2/5.3.1/1`. */
  readonly id: string;
  readonly title: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
}

/** Made before the tests' own time begins: it may take a minute. */
export function h2specProgram(): string {
  const folder = cached('h2spec', [H2SPEC], (partial) =>
    run([goCompiler(), 'install', H2SPEC], partial, { GOBIN: partial, CGO_ENABLED: '0', GOFLAGS: '-mod=mod' }),
  );
  return join(folder, 'h2spec');
}

/** All cases of these sections, or of all, strict ones too, against a server on the loopback. */
export async function h2spec(port: number, sections: readonly string[] = []): Promise<readonly H2SpecCase[]> {
  const report = join(temporaryDirectory(), 'h2spec.xml');
  const target = ['--host', '127.0.0.1', '--port', String(port)];
  // It exits with 1 when a case fails, which the report says better.
  await new Promise<void>((done) => {
    execFile(
      h2specProgram(),
      [...target, '--strict', '--timeout', TIMEOUT, '--junit-report', report, ...sections],
      () => done(),
    );
  });
  return casesOf(readFileSync(report, 'utf8'));
}

function casesOf(report: string): readonly H2SpecCase[] {
  const numbers = new Map<string, number>();
  return [...report.matchAll(/<testcase package="([^"]+)" classname="([^"]*)"[^>]*>(.*?)<\/testcase>/gs)].map(
    ([, section = '', title = '', rest = '']) => {
      const number = (numbers.get(section) ?? 0) + 1;
      numbers.set(section, number);
      const outcome = rest.includes('<skipped') ? 'skipped' : rest === '' ? 'passed' : 'failed';
      return { id: `${section}/${number}`, title, outcome };
    },
  );
}
