/** Replays one `.loop` file on this machine, telling on standard error what happens meanwhile. */
import { homedir, userInfo } from 'node:os';
import type { BreakpointPlace } from '../replay-sandbox/debug/place.ts';
import { linuxNamespaces } from '../replay-sandbox/isolate/linux-namespaces/backend.ts';
import { openRecording } from '../replay-sandbox/open.ts';
import { findProject } from '../replay-sandbox/plan/project.ts';
import { settingsFor } from '../replay-sandbox/plan/settings.ts';
import type { ReplayOptions } from '../replay-sandbox/replay.ts';
import { replay } from '../replay-sandbox/replay.ts';
import type { ReplayReport } from '../replay-sandbox/report/report.ts';
import { systemClock } from '../src/daemon/clock.ts';
import { fileAudit, openDataDirectory } from '../src/daemon/data-directory.ts';
import type { LoopId } from '../src/domain/ids.ts';
import { loadStoreKey } from '../src/seal/keyfile.ts';
import type { StoreKey } from '../src/seal/keys.ts';
import { decodeLoopFile } from '../storage/format/decode.ts';
import { interruptible } from './interrupt.ts';
import { note, printable } from './output/format.ts';

export interface ReplayFileOptions {
  readonly bytes: Uint8Array;
  /** Where the key is, for a sealed file. */
  readonly data: string;
  /** Empty: loop.yaml's. */
  readonly command: readonly string[];
  readonly currentDirectory: string;
  readonly service: string | undefined;
  readonly port: number | undefined;
  readonly ambient: boolean;
  readonly inspect: number | undefined;
  readonly breakpoints: readonly BreakpointPlace[];
  readonly readyTimeoutMs: number;
  readonly answerTimeoutMs: number;
  /** Factor on the gaps of recorded streams: 1 as recorded; by default 0, at once. */
  readonly pace?: number;
  /** Without what the service prints. */
  readonly quiet: boolean;
}

export async function replayFile(options: ReplayFileOptions): Promise<ReplayReport> {
  const file = await decodeLoopFile(options.bytes);
  const key = file.seal.kind === 'open' ? undefined : await keyOf(file.summary.id, options.data);
  const recording = openRecording(file, key);
  const { currentDirectory, port, command } = options;
  const project = findProject(currentDirectory);
  for (const hole of file.summary.holes) note(`the recording is not whole: ${printable(hole)}`);
  const one: ReplayOptions = {
    loop: file.summary.id,
    recording: options.ambient ? recording : { ...recording, ambient: [] },
    ...(options.service !== undefined && { service: options.service }),
    settingsOf: (service) => settingsFor({ service, project, currentDirectory, port, command }),
    backend: linuxNamespaces(),
    homeDirectory: homedir(),
    inheritedEnvironment: process.env,
    ...(options.inspect !== undefined && { inspect: options.inspect }),
    breakpoints: options.breakpoints,
    readyTimeoutMs: options.readyTimeoutMs,
    answerTimeoutMs: options.answerTimeoutMs,
    pace: options.pace,
    clock: systemClock(),
    events: {
      progress: (text) => note(`loop: ${printable(text)}`),
      output: (stream, text) => {
        if (!options.quiet) process.stderr.write(text.replace(/^(?=.)/gm, stream === 'stdout' ? '  | ' : '  ! '));
      },
      debuggerWaits: (waiting) => note(attachHelp(waiting)),
    },
  };
  return interruptible((interrupt) => replay({ ...one, interrupt }));
}

/** What the key opens here, the API is not asked for: so it is audited here. */
async function keyOf(loop: LoopId, data: string): Promise<StoreKey> {
  const files = await openDataDirectory(data);
  const key = await loadStoreKey(files.keyFile);
  await fileAudit(files.auditFile, systemClock(), userInfo().username).record({ act: 'open', loop });
  return key;
}

function attachHelp(port: number): string {
  const configuration = {
    type: 'node',
    request: 'attach',
    name: 'loop replay',
    port,
    continueOnAttach: true,
    skipFiles: ['<node_internals>/**'],
  };
  return [
    `loop: the service waits for a debugger on 127.0.0.1:${port}; the request follows once it runs.`,
    `loop: VS Code, launch.json: ${JSON.stringify(configuration)}`,
    `loop: Chrome: chrome://inspect; terminal: node inspect 127.0.0.1:${port}`,
  ].join('\n');
}
