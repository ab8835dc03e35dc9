/** Native code (C, C++, Rust): below gdbserver, which takes one gdb. */
import type { Debugger } from '../debugger.ts';
import { attachNative } from './attach.ts';
import { NativeBreakpoints } from './breakpoints.ts';
import { prepareNative } from './launch.ts';
import { watchRemote } from './watcher.ts';

/** Where gdbserver listens inside the sandbox. */
const GDBSERVER_PORT = 2159;

export const nativeDebugger: Debugger = {
  runtime: 'native',
  port: GDBSERVER_PORT,
  usualPort: GDBSERVER_PORT,
  takes: 'one-connection',
  runs: 'the-service',
  prepare: (service) => prepareNative(service, GDBSERVER_PORT),
  attachHelp: attachNative,
  client: (request) => NativeBreakpoints.attach(request),
  watch: watchRemote,
};
