// @ts-check
// The last line of .ci/run, "N passed, N failed": tests by vitest's JSON report, checks one each. It can only ever err
// on the side of failure: a report that is missing or a step that ended badly without saying which test counts as one.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/**
 * @typedef {{ passed: number, failed: number }} Count
 * @typedef {{ testResults: { status: string, assertionResults: { status: string }[] }[] }} TestReport
 * @typedef {{ name: string, passed: boolean }[]} CheckReport
 */

/**
 * @param {TestReport | undefined} report
 * @param {number} status the exit code of npm test
 * @returns {Count}
 */
export function countTests(report, status) {
  const files = report?.testResults ?? [];
  const tests = files.flatMap((file) => file.assertionResults);
  const passed = tests.filter((test) => test.status === 'passed').length;
  // A file that does not load has no tests to fail, and a skip is a failure in CI.
  const unloaded = files.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  return atLeastOneFailure({ passed, failed: tests.length - passed + unloaded }, status);
}

/**
 * @param {CheckReport | undefined} report
 * @param {number} status the exit code of npm run check
 * @returns {Count}
 */
export function countChecks(report, status) {
  const passed = (report ?? []).filter((check) => check.passed).length;
  return atLeastOneFailure({ passed, failed: (report ?? []).length - passed }, status);
}

/**
 * @param {Count} count
 * @param {number} status
 * @returns {Count}
 */
function atLeastOneFailure({ passed, failed }, status) {
  const silent = failed === 0 && (status !== 0 || passed === 0);
  return { passed, failed: silent ? 1 : failed };
}

/** @param {string} path */
function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // No report: whoever should have written it ended too early, and is counted as failed.
    return undefined;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [testReport = '', testStatus, checkReport = '', checkStatus] = process.argv.slice(2);
  const tests = countTests(read(testReport), Number(testStatus));
  const checks = countChecks(read(checkReport), Number(checkStatus));
  const failed = tests.failed + checks.failed;
  console.log(`${tests.passed + checks.passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
