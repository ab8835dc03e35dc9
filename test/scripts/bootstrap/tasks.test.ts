import { describe, expect, it } from 'vitest';
import { describeTasks, findTask, whereTyped } from '../../../scripts/bootstrap/tasks.mjs';

describe('the tasks', () => {
  it.each([
    ['demo', ['--json'], ['/repo/cli/main.ts', 'demo', '--json']],
    ['test', ['test/wire'], ['/repo/node_modules/vitest/vitest.mjs', 'run', 'test/wire']],
    ['loopctl', ['list', 'failures'], ['/repo/cli/main.ts', 'list', 'failures']],
  ])('%s passes its arguments on', (name, args, expected) => {
    expect(findTask(name)?.command?.('/repo', args)).toEqual(expected);
  });

  it('knows no task by an inherited name', () => {
    expect(findTask('constructor')).toBeUndefined();
  });

  it('lists what can be typed', () => {
    expect(describeTasks()).toBe(
      'setup, demo, test, screenshots, check, format, build, bench:soak, bench:outage, bench:console, bench:answers, table:attribution, table:pool, bench:envoy, bench:harm, bench:one-connection, matrix:protocols, matrix:runtimes, fuzz, bench:history, bench:ingest, bench:flat, bench:recorder, bench:memory, bench:plot, bench:replay, bench:replay-repeat, loopctl, loopd',
    );
  });
});

describe('where loopctl works', () => {
  it('is where the person typed npm run loopctl', () => {
    expect(whereTyped('/repo', { npm_lifecycle_event: 'loopctl', INIT_CWD: '/home/ann/shop' })).toBe('/home/ann/shop');
  });

  it('is the current folder when an outer npm script left its own INIT_CWD', () => {
    expect(whereTyped('/repo', { npm_lifecycle_event: 'test', INIT_CWD: '/repo' })).toBe(process.cwd());
  });
});
