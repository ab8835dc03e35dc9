/** Node: its inspector speaks the Chrome DevTools Protocol, to several debuggers at once. */
import type { Debugger } from '../debugger.ts';
import { Breakpoints } from './breakpoints.ts';
import { waitingFor } from './command.ts';
import { CdpPauses } from './pauses.ts';

/** Where the inspector listens inside the sandbox. */
const INSPECTOR_PORT = 9229;

export const nodeDebugger: Debugger = {
  runtime: 'node',
  port: INSPECTOR_PORT,
  usualPort: INSPECTOR_PORT,
  prepare: async ({ command }) => waitingFor(command, INSPECTOR_PORT),
  attachHelp: (port) => ({
    vscode: {
      type: 'node',
      request: 'attach',
      name: 'loop replay',
      // Not the name localhost, which may be ::1 first.
      address: '127.0.0.1',
      port,
      continueOnAttach: true,
      skipFiles: ['<node_internals>/**'],
    },
    jetbrains: `<component name="ProjectRunConfigurationManager">
  <configuration default="false" name="loop replay" type="ChromiumRemoteDebugType" factoryName="Chromium Remote" port="${port}">
    <method v="2" />
  </configuration>
</component>
`,
    terminal: `node inspect 127.0.0.1:${port}`,
  }),
  client: ({ service: { projectDirectory }, ...request }) => Breakpoints.attach({ ...request, projectDirectory }),
  watch: (time) => new CdpPauses(time),
};
