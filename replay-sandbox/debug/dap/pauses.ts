/** Pauses, read from what passes between a person's debugger and a debug adapter. */
import { newHolder } from '../holder.ts';
import type { ServiceClockMeanwhile, StageTime } from '../../time/stage-time.ts';
import type { PauseWatcher } from '../debugger.ts';
import { DapDeframer } from './framing.ts';
import { CONTINUED, EXITED, readMessage, STOPPED } from './messages.ts';

/** Answers after which the service runs. */
const RUN = new Set([
  'continue',
  'next',
  'stepIn',
  'stepOut',
  'stepBack',
  'reverseContinue',
  'disconnect',
  'terminate',
  'restart',
]);
const OVER = new Set(['terminated', 'exited']);

export class DapPauses implements PauseWatcher {
  readonly #time: StageTime;
  readonly #deframer = new DapDeframer();
  readonly #holder = newHolder('dap');
  /** Threads that stand still, where they do so one by one. */
  readonly #threads = new Set<number>();

  readonly #meanwhile: ServiceClockMeanwhile;

  readonly #ended: (exitCode: number) => void;

  constructor(time: StageTime, meanwhile: ServiceClockMeanwhile, ended: (exitCode: number) => void = () => undefined) {
    this.#time = time;
    this.#meanwhile = meanwhile;
    this.#ended = ended;
  }

  fromDebugger(): void {
    // What is asked for counts when it is answered.
  }

  fromDebuggee(bytes: Uint8Array): void {
    for (const value of this.#deframer.push(bytes)) {
      const message = readMessage(value);
      if (message?.type === 'event' && message.event === 'exited') this.#exited(message.body);
      if (message?.type === 'event' && message.event === 'stopped') this.#stopped(message.body);
      else if (message?.type === 'event' && message.event === 'continued') this.#ran(message.body);
      else if (message?.type === 'event' && OVER.has(message.event)) this.#allRan();
      else if (message?.type === 'response' && message.success && RUN.has(message.command)) this.#ran(message.body);
    }
  }

  closed(): void {
    this.#allRan();
  }

  #stopped(body: unknown): void {
    this.#threads.add(STOPPED.safeParse(body).data?.threadId ?? 0);
    this.#time.pause(this.#holder, this.#meanwhile);
  }

  #exited(body: unknown): void {
    const { data } = EXITED.safeParse(body);
    if (data !== undefined) this.#ended(data.exitCode);
  }

  #ran(body: unknown): void {
    const { threadId, allThreadsContinued } = CONTINUED.safeParse(body ?? {}).data ?? { threadId: 0 };
    if (allThreadsContinued !== false) return this.#allRan();
    this.#threads.delete(threadId);
    if (this.#threads.size === 0) this.#allRan();
  }

  #allRan(): void {
    this.#threads.clear();
    this.#time.resume(this.#holder);
  }
}
