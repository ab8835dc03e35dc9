/** A verification in the tests' own process: what `loopctl verify` says, without the start of loopctl. */
import { isolationBackend, usualIsolation } from '../../replay-sandbox/isolate/backends.ts';
import { openRecording } from '../../replay-sandbox/open.ts';
import type { ReplayOptions } from '../../replay-sandbox/options.ts';
import { findProject } from '../../replay-sandbox/plan/project.ts';
import { settingsFor } from '../../replay-sandbox/plan/settings.ts';
import type { VerifyReport } from '../../replay-sandbox/verify/report.ts';
import { verify } from '../../replay-sandbox/verify/run.ts';
import type { LoopFile } from '../../src/domain/loop-file.ts';
import { judgeBy } from '../../src/keeping/judge.ts';
import { BUILT_IN } from '../../src/verdict/rules/set.ts';
import type { TestProject } from './project.ts';

/** How loopctl would replay it in this project. `timeoutMs`: of the answer. */
export function replayOptions(
  { directory, home }: TestProject,
  file: LoopFile,
  { timeoutMs = 30_000 }: { readonly timeoutMs?: number } = {},
): ReplayOptions {
  const project = findProject(directory);
  return {
    loop: file.summary.id,
    recording: openRecording(file, undefined),
    settingsOf: (service) =>
      settingsFor({ service, project, currentDirectory: directory, port: undefined, command: [] }),
    backend: isolationBackend(usualIsolation(process.platform), () => Date.now()),
    homeDirectory: home,
    inheritedEnvironment: process.env,
    debug: { inspect: undefined, breakpoints: [], onThrow: false },
    readyTimeoutMs: 30_000,
    answerTimeoutMs: timeoutMs,
    clock: { now: () => Date.now() },
    events: { progress: () => undefined, output: () => undefined, debuggerWaits: () => undefined },
  };
}

export function verifyIn(
  project: TestProject,
  file: LoopFile,
  options: Parameters<typeof replayOptions>[2] = {},
): Promise<VerifyReport> {
  return verify(replayOptions(project, file, options), { judge: judgeBy(BUILT_IN) });
}
