/** Node: its inspector speaks the Chrome DevTools Protocol, to several debuggers at once. */
import type { Debugger } from '../debugger.ts';
import { Breakpoints } from './breakpoints.ts';

/** Where the inspector listens inside the sandbox. */
const INSPECTOR_PORT = 9229;

export const nodeDebugger: Debugger = {
  runtime: 'node',
  port: INSPECTOR_PORT,
  usualPort: INSPECTOR_PORT,
  prepare: async () => ({
    command: ([program = '', ...rest]) => [program, `--inspect-wait=127.0.0.1:${INSPECTOR_PORT}`, ...rest],
  }),
  attachHelp: (port) => ({
    vscode: {
      type: 'node',
      request: 'attach',
      name: 'loop replay',
      port,
      continueOnAttach: true,
      skipFiles: ['<node_internals>/**'],
    },
    jetbrains: '',
    terminal: `node inspect 127.0.0.1:${port}`,
  }),
  client: async ({ port, breakpoints, over }) => Breakpoints.attach(port, breakpoints, over),
  watch: () => ({ fromDebugger() {}, fromDebuggee() {}, closed() {} }),
};
