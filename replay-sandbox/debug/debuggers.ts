/** The debuggers there are, one line each. */
import { ReplayError } from '../error.ts';
import type { RuntimeName } from '../launch/runtime/runtime.ts';
import { runtimeOf } from '../launch/runtime/runtime.ts';
import type { DebuggedService, Debugger } from './debugger.ts';
import { javaDebugger } from './java/debugger.ts';
import { goDebugger } from './go/debugger.ts';
import { nativeDebugger } from './native/debugger.ts';
import { nodeDebugger } from './node/debugger.ts';
import { pythonDebugger } from './python/debugger.ts';

const DEBUGGERS: readonly Debugger[] = [nodeDebugger, pythonDebugger, goDebugger, javaDebugger, nativeDebugger];

/** `asked`: what the person says the service is written in. Throws ReplayError `debugger` when nothing debugs that. */
export function debuggerOf({ command, ...where }: DebuggedService, asked: RuntimeName | undefined): Debugger {
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
