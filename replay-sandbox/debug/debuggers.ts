/** The debuggers there are, one line each. Most replays have none: the code of one is loaded when it is asked for. */
import { ReplayError } from '../error.ts';
import type { RuntimeName } from '../launch/runtime/runtime.ts';
import { runtimeOf } from '../launch/runtime/runtime.ts';
import type { DebuggedService, Debugger } from './debugger.ts';

export interface KnownDebugger {
  readonly runtime: RuntimeName;
  load(): Promise<Debugger>;
}

const DEBUGGERS: readonly KnownDebugger[] = [
  { runtime: 'node', load: async () => (await import('./node/debugger.ts')).nodeDebugger },
  { runtime: 'python', load: async () => (await import('./python/debugger.ts')).pythonDebugger },
  { runtime: 'go', load: async () => (await import('./go/debugger.ts')).goDebugger },
  { runtime: 'java', load: async () => (await import('./java/debugger.ts')).javaDebugger },
  { runtime: 'native', load: async () => (await import('./native/debugger.ts')).nativeDebugger },
];

/** `asked`: what the person says the service is written in. Throws ReplayError `debugger` when nothing debugs that. */
export function debuggerOf({ command, ...where }: DebuggedService, asked: RuntimeName | undefined): KnownDebugger {
  const runtime = asked ?? runtimeOf(command, where);
  const known = DEBUGGERS.find((one) => one.runtime === runtime);
  if (known !== undefined) return known;
  throw new ReplayError(
    'debugger',
    runtime === undefined
      ? `The command "${command.join(' ')}" does not tell what the service is written in, so no debugger can be attached.`
      : `There is no debugger for ${runtime}.`,
    `--debugger ${DEBUGGERS.map((one) => one.runtime).join('|')}`,
  );
}
