/**
 * Whoever wakes up on a core of ours goes first. Linux lets a thread run until the end of its slice before another that has just woken up gets the
 * core: of a service, an Envoy and us on one core, each of a request's steps may wait so long. A thread that asks for a longer slice than others
 * have gives way to them at once, and gets as much of the core as before. docs/decisions/0014-long-slices.md has the figures.
 */
import { readdirSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';

/** The longest that Linux takes, nanoseconds; what others have who asked for nothing is 3 ms at most. */
export const SLICE_NS = 100_000_000n;

export type SteppedAside = { readonly done: true } | { readonly done: false; readonly reason: string };

/** Numbers of system calls: linux/arch/x86/entry/syscalls/syscall_64.tbl, linux/include/uapi/asm-generic/unistd.h. */
const CALLS: Readonly<Partial<Record<NodeJS.Architecture, { readonly set: number; readonly get: number }>>> = {
  x64: { set: 314, get: 315 },
  arm64: { set: 274, get: 275 },
};

/** `struct sched_attr` in its first form (sched_setattr(2)): size, policy, flags, nice, priority, and runtime, which is the slice. */
const ATTRIBUTES_BYTES = 48;
const RUNTIME_OFFSET = 24;

/** Throws what the system says. */
type SystemCall = (number: number, thread: number, attributes: Uint8Array, size: number) => void;

/** For all threads of this process, and those that they start. Changes nothing else of how they are scheduled. Needs no right; Linux 6.12 or later. */
export async function stepAside(): Promise<SteppedAside> {
  const calls = CALLS[process.arch];
  if (process.platform !== 'linux' || calls === undefined)
    return { done: false, reason: `not known how on ${process.platform} ${process.arch}` };
  try {
    const call = await systemCall();
    for (const thread of readdirSync('/proc/self/task')) askFor(call, calls, Number(thread));
    const held = sliceOf(read(call, calls.get, process.pid));
    return held === SLICE_NS ? { done: true } : { done: false, reason: 'slices can be chosen from Linux 6.12 on' };
  } catch (error) {
    return { done: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** A package with native code: where it has none, loopd goes on. */
async function systemCall(): Promise<SystemCall> {
  const { default: koffi } = await import('koffi');
  const declared = 'long syscall(long number, long thread, _Inout_ uint8_t *attributes, long size, long flags)';
  const syscall = koffi.load(null).func(declared) as (...words: readonly unknown[]) => number;
  return (number, thread, attributes, size) => {
    if (syscall(number, thread, attributes, size, 0) !== 0) throw new Error(getSystemErrorName(-koffi.errno()));
  };
}

function askFor(call: SystemCall, { set, get }: { readonly set: number; readonly get: number }, thread: number): void {
  const attributes = read(call, get, thread);
  new DataView(attributes.buffer).setBigUint64(RUNTIME_OFFSET, SLICE_NS, true);
  call(set, thread, attributes, 0);
}

function read(call: SystemCall, get: number, thread: number): Uint8Array {
  const attributes = new Uint8Array(ATTRIBUTES_BYTES);
  call(get, thread, attributes, ATTRIBUTES_BYTES);
  return attributes;
}

function sliceOf(attributes: Uint8Array): bigint {
  return new DataView(attributes.buffer).getBigUint64(RUNTIME_OFFSET, true);
}
