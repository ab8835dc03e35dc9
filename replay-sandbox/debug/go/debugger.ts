/** Go: delve, which speaks the Debug Adapter Protocol, and its own to the debuggers of JetBrains and the terminal. */
import { realFiles } from '../../launch/runtime/files.ts';
import { buildForDelve, findDelve } from '../../launch/runtime/delve.ts';
import type { Building } from '../../launch/runtime/kept-programs.ts';
import type { LaunchPart } from '../../launch/part.ts';
import { DapClient } from '../dap/client.ts';
import { DapPauses } from '../dap/pauses.ts';
import type { DebuggedService, Debugger } from '../debugger.ts';
import { goCommand } from './command.ts';
import { delveDialect } from './dialect.ts';

const PORT = 2345;

export const goDebugger: Debugger = {
  runtime: 'go',
  port: PORT,
  usualPort: PORT,
  takes: 'one-connection',
  runs: 'the-service',
  prepare,
  attachHelp: (port) => ({
    vscode: {
      type: 'go',
      request: 'attach',
      name: 'loop replay',
      mode: 'remote',
      // Without it the extension takes its former adapter for mode remote. https://github.com/golang/vscode-go/blob/master/docs/debugging.md
      debugAdapter: 'dlv-dap',
      host: '127.0.0.1',
      port,
    },
    jetbrains: `<component name="ProjectRunConfigurationManager">
  <configuration default="false" name="loop replay" type="GoRemoteDebugConfigurationType" factoryName="Go Remote" port="${port}">
    <option name="disconnectOption" value="LEAVE" />
    <method v="2" />
  </configuration>
</component>
`,
    terminal: `dlv connect 127.0.0.1:${port}`,
  }),
  client: (request) => DapClient.attach(request, delveDialect),
  watch: (time, ended) => new DapPauses(time, 'stands', ended),
};

async function prepare(service: DebuggedService, building?: Building): Promise<LaunchPart> {
  const dlv = findDelve(service, realFiles);
  const found = goCommand(service.command);
  const program = found.kind === 'run' ? await buildForDelve(found.go, found.build, service, building) : found.program;
  const listen = ['--headless', '--accept-multiclient', `--listen=127.0.0.1:${PORT}`, '--check-go-version=false'];
  return {
    command: () => [...found.before, dlv, 'exec', ...listen, program, '--', ...found.words],
  };
}
