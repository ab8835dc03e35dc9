/** The library that moves the clock of programs that ask libc, made from native/. */
import { fileURLToPath } from 'node:url';
import type { NativeSource } from '../isolate/linux-namespaces/build-native.ts';
import { NATIVE_BUILD, buildNative } from '../isolate/linux-namespaces/build-native.ts';

const CLOCK_SOURCE: NativeSource = {
  directory: fileURLToPath(new URL('./native/', import.meta.url)),
  name: 'loop-clock.so',
  flags: ['-shared', '-fPIC', '-fvisibility=hidden'],
  libraries: ['-ldl', '-lrt', '-lpthread'],
};

/** Its path. Throws IsolationError `no-compiler`. */
export async function buildClockLibrary(): Promise<string> {
  return await buildNative(NATIVE_BUILD, CLOCK_SOURCE);
}
