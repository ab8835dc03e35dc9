/** Knows from what passes between a debugger and a Java VM whether the service stands still. */
import type { StageTime } from '../../time/stage-time.ts';
import type { PauseWatcher } from '../debugger.ts';
import type { JdwpPacket } from './packets.ts';
import { JdwpStream } from './packets.ts';

/** Command set and number. */
const DISPOSE = '1.6';
const SUSPEND_ALL = '1.8';
const RESUME_ALL = '1.9';
const EXIT = '1.10';
const SUSPEND_THREAD = '11.2';
const RESUME_THREAD = '11.3';
const COMPOSITE = '64.100';
const THREAD = 1;
const ALL = 2;
/** Unloading a class and the VM's end name no thread. */
const WITHOUT_THREAD = new Set([9, 99]);
/** Threads remembered; a VM has fewer that are stopped one by one. */
const THREADS = 10_000;

let watchers = 0;

/** Whoever holds any thread holds the service: which of them the answer needs is not known. */
export function watchJdwp(time: StageTime): PauseWatcher {
  const holder = `jdwp ${(watchers += 1)}`;
  const suspensions = new Suspensions();
  const [fromDebugger, fromDebuggee] = [new JdwpStream(), new JdwpStream()];
  const follow = (packets: readonly JdwpPacket[], take: (packet: JdwpPacket) => void): void => {
    for (const packet of packets) take(packet);
    if (suspensions.any()) time.pause(holder);
    else time.resume(holder);
  };
  return {
    fromDebugger: (bytes) => follow(fromDebugger.push(bytes), (packet) => suspensions.asked(packet)),
    fromDebuggee: (bytes) => follow(fromDebuggee.push(bytes), (packet) => suspensions.told(packet)),
    closed: () => time.resume(holder),
  };
}

/** As the VM counts them: so many suspensions need so many resumptions. */
class Suspensions {
  #all = 0;
  /** By thread, as hexadecimal text. */
  readonly #threads = new Map<string, number>();
  /** Whose event stopped all: some debuggers let them go one by one, this one with them. */
  #cause: string | undefined;

  any(): boolean {
    return this.#all > 0 || this.#threads.size > 0;
  }

  asked(packet: JdwpPacket): void {
    if (packet.kind !== 'command') return;
    const thread = packet.data.subarray(0, 8).toString('hex');
    const name = `${packet.set}.${packet.command}`;
    if (name === SUSPEND_ALL) this.#all += 1;
    if (name === RESUME_ALL) this.#resumeAll();
    if (name === SUSPEND_THREAD) this.#suspend(thread);
    if (name === RESUME_THREAD) this.#resume(thread);
    if (name === DISPOSE || name === EXIT) this.#clear();
  }

  told(packet: JdwpPacket): void {
    // Suspends u8 | events u32 | the first: kind u8, request u32, thread.
    if (packet.kind !== 'command' || `${packet.set}.${packet.command}` !== COMPOSITE || packet.data.length < 6) return;
    const named = !WITHOUT_THREAD.has(packet.data.readUInt8(5)) && packet.data.length >= 18;
    const thread = named ? packet.data.subarray(10, 18).toString('hex') : undefined;
    const suspends = packet.data.readUInt8(0);
    if (suspends === ALL) {
      this.#all += 1;
      this.#cause = thread;
    }
    if (suspends === THREAD && thread !== undefined) this.#suspend(thread);
  }

  #suspend(thread: string): void {
    if (this.#threads.size < THREADS) this.#threads.set(thread, (this.#threads.get(thread) ?? 0) + 1);
  }

  #resume(thread: string): void {
    const count = this.#threads.get(thread);
    if (count !== undefined && count > 1) this.#threads.set(thread, count - 1);
    else if (count !== undefined) this.#threads.delete(thread);
    else if (thread === this.#cause) this.#all = 0;
  }

  #resumeAll(): void {
    this.#all = Math.max(0, this.#all - 1);
    for (const thread of this.#threads.keys()) this.#resume(thread);
  }

  #clear(): void {
    this.#all = 0;
    this.#threads.clear();
  }
}
