/** Replays the recording in the first argument as loopctl does, in the project of the second, but with nothing isolated. Started by a test. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { noIsolation } from '../../replay-sandbox/isolate/none/backend.ts';
import { openRecording } from '../../replay-sandbox/open.ts';
import { findProject } from '../../replay-sandbox/plan/project.ts';
import { settingsFor } from '../../replay-sandbox/plan/settings.ts';
import { replay } from '../../replay-sandbox/replay.ts';
import { decodeLoopFile } from '../../storage/format/decode.ts';

const [path = '', currentDirectory = ''] = process.argv.slice(2);
const file = await decodeLoopFile(readFileSync(path));
const project = findProject(currentDirectory);
const report = await replay({
  loop: file.summary.id,
  recording: openRecording(file, undefined),
  settingsOf: (service) => settingsFor({ service, project, currentDirectory, port: undefined, command: [] }),
  backend: noIsolation,
  homeDirectory: homedir(),
  inheritedEnvironment: process.env,
  debug: { breakpoints: [], onThrow: false },
  readyTimeoutMs: 30_000,
  answerTimeoutMs: 30_000,
  clock: { now: () => Date.now() },
  events: { progress() {}, output() {}, debuggerWaits() {} },
});
console.log(JSON.stringify(report));
