/** Replays one `.loop` file on this machine, telling on standard error what happens meanwhile. */
import { homedir, userInfo } from 'node:os';
import type { AttachHelp } from '../replay-sandbox/debug/debugger.ts';
import type { DebugWish } from '../replay-sandbox/debug/session.ts';
import { isolationBackend, usualIsolation } from '../replay-sandbox/isolate/backends.ts';
import { openRecording } from '../replay-sandbox/open.ts';
import { findProject } from '../replay-sandbox/plan/project.ts';
import { settingsFor } from '../replay-sandbox/plan/settings.ts';
import type { ReplayOptions } from '../replay-sandbox/options.ts';
import { replay, replayTwin } from '../replay-sandbox/replay.ts';
import type { ReplayReport } from '../replay-sandbox/report/report.ts';
import { systemClock } from '../src/daemon/clock.ts';
import { openAudit } from '../src/daemon/audit.ts';
import { openDataDirectory } from '../src/daemon/data-directory.ts';
import type { LoopId } from '../src/domain/ids.ts';
import { loadStoreKey } from '../src/seal/keyfile.ts';
import type { StoreKey } from '../src/seal/keys.ts';
import { decodeLoopFile } from '../storage/format/decode.ts';
import { commandsOf } from './cast-flags.ts';
import { readEnvFiles } from './env-file.ts';
import { interruptible } from './interrupt.ts';
import { note, printable } from './output/format.ts';
import { serviceOutput } from './output/service-output.ts';
import type { ReplayFlags } from './replay-flags.ts';
import { saveLaunch } from './save-launch.ts';

export interface ReplayFileOptions {
  readonly bytes: Uint8Array;
  /** Where the key is, for a sealed file. */
  readonly data: string;
  /** Empty: loop.yaml's. */
  readonly command: readonly string[];
  readonly currentDirectory: string;
  readonly flags: ReplayFlags;
  readonly debug: DebugWish;
  /** Run twice: what differs between the two runs is noise. */
  readonly twin?: true | undefined;
  /** Changed answers. */
  readonly whatIf?: ReplayOptions['whatIf'];
  /** Of several services, the one that debugger is for. */
  readonly inspectService?: string | undefined;
}

export async function replayFile(options: ReplayFileOptions): Promise<ReplayReport> {
  return interruptible(await replayOf(options));
}

/** The file, opened once, as what may be run again and again. */
export async function replayOf(options: ReplayFileOptions): Promise<(interrupt: AbortSignal) => Promise<ReplayReport>> {
  const one = await openReplay(options);
  const run = options.twin === true ? replayTwin : replay;
  return (interrupt) => run({ ...one, whatIf: options.whatIf, interrupt });
}

/** Opens the file, once, for any number of replays. */
export async function openReplay(options: ReplayFileOptions): Promise<ReplayOptions> {
  const file = await decodeLoopFile(options.bytes);
  const key = file.seal.kind === 'open' ? undefined : await keyOf(file.summary.id, options.data);
  const recording = openRecording(file, key);
  const { currentDirectory, command, flags, debug } = options;
  const { port, service: wishes = [] } = flags;
  const commandOf = commandsOf(wishes, command);
  const project = findProject(currentDirectory);
  for (const hole of file.summary.holes) note(`the recording is not whole: ${printable(hole)}`);
  return {
    loop: file.summary.id,
    recording: flags.ambient ? recording : { ...recording, ambient: [] },
    services: wishes.map(({ service }) => service),
    letThrough: flags.real,
    settingsOf: (service) =>
      settingsFor({
        service,
        project,
        currentDirectory,
        // Of several, what loop.yaml says of each counts.
        port: wishes.length > 1 && project?.services[service] !== undefined ? undefined : port,
        command: commandOf(service),
      }),
    backend: isolationBackend(flags.isolation ?? usualIsolation(process.platform), () => systemClock().now()),
    homeDirectory: homedir(),
    inheritedEnvironment: process.env,
    environmentFile: readEnvFiles(flags.envFile ?? [], currentDirectory),
    map: flags.map,
    debug,
    inspectService: options.inspectService,
    readyTimeoutMs: flags.readyTimeout * 1000,
    answerTimeoutMs: flags.timeout * 1000,
    pace: flags.pace === 'recorded' ? 1 : 0,
    order: flags.order,
    clockMode: flags.clock,
    clock: systemClock(),
    events: eventsOf(flags, project?.directory ?? currentDirectory),
  };
}

/** On standard error. `directory`: where the editor's files are. */
function eventsOf(flags: ReplayFlags, directory: string): ReplayOptions['events'] {
  return {
    progress: (text) => note(`loop: ${printable(text)}`),
    output: flags.quiet === true ? () => undefined : serviceOutput((text) => process.stderr.write(text)),
    debuggerWaits: (port, help, service) => {
      const saved = flags.saveLaunch === true ? saveLaunch(directory, help) : [];
      note(attachLines(port, help, saved, service ?? 'the service'));
    },
  };
}

/** What the key opens here, the API is not asked for: so it is audited here. */
async function keyOf(loop: LoopId, data: string): Promise<StoreKey> {
  const files = await openDataDirectory(data);
  const key = await loadStoreKey(files.keyFile);
  const audit = await openAudit(files, key, systemClock());
  try {
    await audit.record({ actor: userInfo().username, act: 'open', about: { loop } });
  } finally {
    audit.close();
  }
  return key;
}

function attachLines(
  port: number,
  { vscode, terminal }: AttachHelp,
  saved: readonly string[],
  service: string,
): string {
  return [
    ...saved.map((file) => `loop: how to attach is in ${file}`),
    `loop: ${printable(service)} waits for a debugger on 127.0.0.1:${port}; the request follows once it runs.`,
    `loop: VS Code, launch.json: ${JSON.stringify(vscode)}`,
    `loop: terminal: ${terminal}`,
  ].join('\n');
}
