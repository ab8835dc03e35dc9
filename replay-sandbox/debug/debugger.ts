/**
 * How services of one runtime are debugged. One folder per runtime, one line in debuggers.ts. The port between a replay and debuggers:
 * the service waits for one before its first line; a person's comes through a forwarded port, ours (`client`) sets the breakpoints of the
 * command line.
 */
import type { LaunchPart } from '../launch/part.ts';
import type { Building } from '../launch/runtime/kept-programs.ts';
import type { RuntimeName } from '../launch/runtime/runtime.ts';
import type { StageTime } from '../time/stage-time.ts';
import type { BreakpointPlace } from './place.ts';

export interface Debugger {
  readonly runtime: RuntimeName;
  /** Where it listens inside the sandbox, on 127.0.0.1. */
  readonly port: number;
  /** Of this machine, for a person, when they name none. */
  readonly usualPort: number;
  /** It takes one connection at a time, and may end with the first: then it is not probed, and no two debuggers share it. */
  readonly takes?: 'one-connection';
  /** The debugger is the process that was launched, and ends with a code of its own: the service's is what `watch` reads. */
  readonly runs?: 'the-service';
  /** Throws ReplayError `debugger`, with what to install or to type. */
  prepare(service: DebuggedService, building?: Building): Promise<LaunchPart>;
  /** How a person's tools attach. */
  attachHelp(port: number, service: DebuggedService): AttachHelp;
  /** Attaches to the debuggee behind `port` of loopback, and sets what was asked for. Throws ReplayError `debugger`, at the latest when `over` fires. */
  client(request: ClientRequest): Promise<DebugClient>;
  /** Reads along what passes between a person's debugger and the debuggee, so that pauses are known. */
  watch(time: StageTime, ended?: (exitCode: number) => void): PauseWatcher;
}

export interface DebuggedService {
  readonly command: readonly string[];
  readonly workingDirectory: string;
  readonly projectDirectory: string;
  /** For what is run outside the sandbox: it holds nothing of the recording. */
  readonly env: Readonly<Record<string, string>>;
}

export interface AttachHelp {
  /** An entry of `configurations` in .vscode/launch.json. */
  readonly vscode: Readonly<Record<string, unknown>>;
  /** A run configuration for .run/*.run.xml of JetBrains IDEs. */
  readonly jetbrains: string;
  /** A command line. */
  readonly terminal: string;
}

export interface ClientRequest {
  readonly port: number;
  readonly breakpoints: readonly BreakpointPlace[];
  /** Stop where an exception is thrown. */
  readonly onThrow: boolean;
  readonly service: DebuggedService;
  readonly time: StageTime;
  readonly over: AbortSignal;
}

/** Looks at each stop and lets the service go on; it never waits for a person. */
export interface DebugClient {
  /** Lets the service run: it was waiting for a debugger. */
  start(): Promise<void>;
  /** Those that stand at a line that was loaded, so far; and the others. */
  bound(): readonly BreakpointPlace[];
  unbound(): readonly BreakpointPlace[];
  /** How often any was hit, shown or not. */
  hits(): number;
  shown(): readonly BreakpointHit[];
  close(): Promise<void>;
}

export interface BreakpointHit extends BreakpointPlace {
  /** What was thrown, when that was the reason to stop. */
  readonly thrown?: string;
  /** The line's text, trimmed. */
  readonly source: string;
  readonly function: string;
  readonly locals: readonly Local[];
  /** `function (file:line)`, innermost first. */
  readonly stack: readonly string[];
}

export interface Local {
  readonly name: string;
  readonly value: string;
}

/** One connection of a debugger. It only reads: bytes pass whatever it makes of them. */
export interface PauseWatcher {
  fromDebugger(bytes: Uint8Array): void;
  fromDebuggee(bytes: Uint8Array): void;
  /** The connection is gone, and whoever held the service by it. */
  closed(): void;
  /** Where a debugger that takes its leave calls it an error to hear nothing more: resolves once it was answered. Undefined while none leaves. */
  farewell?(): Promise<void> | undefined;
}
