/** Python: debugpy, which speaks the Debug Adapter Protocol to one debugger at a time. */
import { ReplayError } from '../../error.ts';
import { debugpyFor } from '../../launch/runtime/debugpy.ts';
import { realFiles } from '../../launch/runtime/files.ts';
import type { Building } from '../../launch/runtime/kept-programs.ts';
import type { LaunchPart } from '../../launch/part.ts';
import { DapClient } from '../dap/client.ts';
import { DapPauses } from '../dap/pauses.ts';
import type { DebuggedService, Debugger } from '../debugger.ts';
import { pythonCommand } from './command.ts';
import { debugpyDialect } from './dialect.ts';

const PORT = 5678;

export const pythonDebugger: Debugger = {
  runtime: 'python',
  port: PORT,
  usualPort: PORT,
  takes: 'one-connection',
  prepare,
  attachHelp: (port, { projectDirectory }) => ({
    vscode: {
      type: 'debugpy',
      request: 'attach',
      name: 'loop replay',
      connect: { host: '127.0.0.1', port },
      pathMappings: [{ localRoot: projectDirectory, remoteRoot: projectDirectory }],
      justMyCode: false,
    },
    jetbrains: '',
    terminal: `any debugger that speaks DAP attaches to 127.0.0.1:${port}`,
  }),
  client: (request) => DapClient.attach(request, debugpyDialect),
  // It runs as threads of the service, which wait with timeouts.
  watch: (time) => new DapPauses(time, 'goes-on'),
};

async function prepare(service: DebuggedService, building?: Building): Promise<LaunchPart> {
  const found = pythonCommand(service, realFiles);
  if (found === undefined || found.program.length === 0) throw unknown(service);
  const { interpreter, options, program } = found;
  const path = await debugpyFor(interpreter, { ...service, interrupt: building?.interrupt });
  const debugpy = ['-m', 'debugpy', '--listen', `127.0.0.1:${PORT}`, '--wait-for-client'];
  return {
    // Frozen modules of the standard library have no lines to stop at, and debugpy says so on every start.
    command: () => [...interpreter, '-Xfrozen_modules=off', ...options, ...debugpy, ...program],
    env: { PYDEVD_DISABLE_FILE_VALIDATION: '1', ...(path !== undefined && { PYTHONPATH: path }) },
  };
}

function unknown({ command }: DebuggedService): ReplayError {
  return new ReplayError(
    'debugger',
    `"${command.join(' ')}" starts no script or module of Python that could be told to wait.`,
    'Give the command that starts the service itself, for example: -- python3 app.py',
  );
}
