/** Java, and what else runs in its VM: JDWP, which takes one debugger. */
import type { Debugger } from '../debugger.ts';
import { attachJava } from './attach.ts';
import { JavaBreakpoints } from './breakpoints.ts';
import { prepareJava } from './launch.ts';
import { watchJdwp } from './watcher.ts';

/** Where the VM listens inside the sandbox. */
const JDWP_PORT = 5005;

export const javaDebugger: Debugger = {
  runtime: 'java',
  port: JDWP_PORT,
  usualPort: JDWP_PORT,
  takes: 'one-connection',
  prepare: async ({ command }) => prepareJava(command, JDWP_PORT),
  attachHelp: attachJava,
  client: (request) => JavaBreakpoints.attach(request),
  watch: watchJdwp,
};
