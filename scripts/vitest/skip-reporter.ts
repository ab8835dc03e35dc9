import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

/** A test that did not run and the reason its author gave. */
export interface Skip {
  readonly name: string;
  readonly reason: string;
}

/**
 * Makes skips loud. A skipped test looks green in a summary, so each one is listed at the end with its reason,
 * and under CI=true any skip fails the run: CI must be a machine on which everything can run.
 */
export default class SkipReporter implements Reporter {
  #filtered = false;

  onInit(vitest: Vitest): void {
    // With -t the tests that do not match the pattern are "skipped" by the person who typed it.
    this.#filtered = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (this.#filtered) return;
    const skips = modules.flatMap((module) => [...module.children.allTests('skipped')].map(describeSkip));
    if (skips.length === 0) return;
    const ci = isCi(process.env['CI']);
    process.stderr.write(formatSkips(skips, ci));
    if (ci) process.exitCode = 1;
  }
}

export function isCi(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false'].includes(value.toLowerCase());
}

export function formatSkips(skips: readonly Skip[], ci: boolean): string {
  const count = `${skips.length} test${skips.length === 1 ? '' : 's'} skipped`;
  const title = ci ? `Error: ${count}, and CI must skip nothing:` : `${count}:`;
  return [`\n${title}`, ...skips.map((skip) => `  ${skip.name}\n    ${skip.reason}`), ''].join('\n');
}

function describeSkip(test: TestCase): Skip {
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  const fallback = test.options.mode === 'todo' ? 'todo: not written yet' : 'no reason given: use context.skip("why")';
  return { name: `${test.module.relativeModuleId} > ${test.fullName}`, reason: note ?? fallback };
}
