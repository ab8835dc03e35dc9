// npm run check: everything about the code that is not a test. `npm run check -- types lint` runs just those.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { STEPS, selectSteps, type Step } from './steps.ts';

interface Outcome {
  readonly name: string;
  readonly passed: boolean;
}

function main(names: readonly string[]): number {
  const steps = selectSteps(names);
  if ('unknown' in steps) {
    console.error(`Error: there is no check named ${steps.unknown.join(', ')}`);
    console.error(`Try: ${STEPS.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  const outcomes = steps.map(runStep);
  const failed = outcomes.filter(({ passed }) => !passed).map(({ name }) => name);
  const resultsFile = process.env['LOOP_CHECK_RESULTS'];
  if (resultsFile !== undefined) writeFileSync(resultsFile, JSON.stringify(outcomes));
  console.log(
    `\n${outcomes.length - failed.length} passed, ${failed.length} failed${failed.length > 0 ? `: ${failed.join(', ')}` : ''}`,
  );
  return failed.length === 0 ? 0 : 1;
}

/** Says nothing but the name of what is in order, and everything the tool said about what is not. */
function runStep(step: Step): Outcome {
  const began = performance.now();
  const { status, error, stdout, stderr } = spawnSync(process.execPath, step.command, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const passed = status === 0;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${step.name} (${seconds} s)`);
  if (!passed)
    console.log([error?.message ?? '', stdout, stderr, step.hint].filter((text) => text.trim() !== '').join('\n'));
  return { name: step.name, passed };
}

process.exitCode = main(process.argv.slice(2));
