/**
 * Which command the server is answering. A client may send many before the first answer comes; the server answers strictly in order, one
 * reply each, but for
 *
 *     SUBSCRIBE a b …      a confirmation for each name; UNSUBSCRIBE without names for each that is held, at least one
 *     CLIENT REPLY OFF     none for it and for all that follow, until CLIENT REPLY ON; SKIP: none for it and the next
 *     MULTI … EXEC         QUEUED for each in between, and the replies of all in the answer to EXEC
 *
 * What was subscribed to comes at any time: as a push in version 3, as an array that begins with `message` in version 2.
 * https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
import { Fifo } from '../fifo.ts';
import type { Frame } from './framing.ts';
import { firstArgs, wordOf } from './frontend.ts';
import type { Held, SubscriptionKind } from './held.ts';
import { firstStrings } from './language/replies.ts';

/**
 * `queued`: inside MULTI, its reply comes with that of EXEC. `silent`: the client asked for no reply. `discarded`: it was queued and never
 * run.
 */
export type StepState = 'waiting' | 'queued' | 'answered' | 'failed' | 'silent' | 'discarded';

/** One command of the client. Its state changes only here. */
export interface Step {
  /** In capitals; with the second word of `CLIENT`. */
  readonly name: string;
  readonly state: StepState;
  /** Of EXEC, once it has been answered: the commands whose replies are in it, in order. */
  readonly ran: readonly Step[];
}

/** `push`: unasked; `pushed` names what it is (`message`, `invalidate`, `monitor`, …). */
export type Said =
  | { readonly kind: 'answer'; readonly step: Step }
  | { readonly kind: 'push'; readonly pushed: string; readonly names: readonly Uint8Array[] }
  /** The server said something that answers no command: bytes are missing. */
  | { readonly kind: 'astray' };

/** Words that begin a push, and an array of version 2 that is none. */
const CONFIRMS: Readonly<Record<string, SubscriptionKind>> = {
  subscribe: 'channel',
  psubscribe: 'pattern',
  ssubscribe: 'shard',
  unsubscribe: 'channel',
  punsubscribe: 'pattern',
  sunsubscribe: 'shard',
};
const MESSAGES: ReadonlySet<string> = new Set(['message', 'pmessage', 'smessage']);

interface OpenStep extends Step {
  state: StepState;
  ran: readonly OpenStep[];
  /** Confirmations still to come; undefined: as many as are held when the first comes. */
  left: number | undefined;
}

export class Pipeline {
  readonly #held: Held;
  readonly #steps = new Fifo<OpenStep>();
  #queued: OpenStep[] = [];
  /** As the client asked: MULTI went out, EXEC did not. */
  #multi = false;
  /** As the server answered: MULTI is in force. */
  #begun = false;
  #replies: 'on' | 'off' | 'skip' = 'on';

  constructor(held: Held) {
    this.#held = held;
  }

  /** Every command has been answered, and none waits for EXEC. */
  get quiet(): boolean {
    return this.#steps.size === 0 && !this.#multi && this.#replies !== 'skip';
  }

  /** Commands that are to be answered, now or by EXEC. */
  get waiting(): number {
    return this.#steps.size + this.#queued.length;
  }

  get inTransaction(): boolean {
    return this.#multi;
  }

  /** Commands get no answer until `CLIENT REPLY ON`. */
  get mute(): boolean {
    return this.#replies === 'off';
  }

  /** The step of a command; undefined for an empty one, which nobody answers. */
  client(frame: Frame): Step | undefined {
    const args = firstArgs(frame, 3);
    if (args.length === 0) return undefined;
    const first = wordOf(args[0]);
    const name = first === 'CLIENT' && args.length > 1 ? `CLIENT ${wordOf(args[1])}` : first;
    const silent = this.#silences(name, name === 'CLIENT REPLY' ? wordOf(args[2]) : undefined);
    const step: OpenStep = { name, state: silent ? 'silent' : 'waiting', ran: [], left: confirmations(name, frame) };
    this.#follow(name);
    if (!silent) this.#steps.push(step);
    return step;
  }

  server(frame: Frame): Said {
    const step = this.#steps.first;
    const pushed = this.#pushOf(frame, step);
    if (pushed !== undefined) return this.#push(pushed, step);
    if (step !== undefined) return { kind: 'answer', step: this.#answer(step, frame) };
    // What a server says before it hangs up, or while it loads.
    return frame.type === '-' ? { kind: 'push', pushed: 'error', names: [] } : { kind: 'astray' };
  }

  #silences(name: string, mode: string | undefined): boolean {
    const skipped = this.#replies === 'skip';
    if (skipped) this.#replies = 'on';
    if (name === 'RESET') this.#replies = 'on';
    if (name !== 'CLIENT REPLY' || this.#multi) return skipped || this.#replies === 'off';
    if (mode === 'ON') this.#replies = 'on';
    else if (mode === 'OFF') this.#replies = 'off';
    else if (mode === 'SKIP' && this.#replies === 'on') this.#replies = 'skip';
    return mode !== 'ON' && (mode === 'OFF' || mode === 'SKIP');
  }

  #follow(name: string): void {
    if (name === 'MULTI') this.#multi = true;
    if (name === 'EXEC' || name === 'DISCARD' || name === 'RESET') this.#multi = false;
  }

  /** The first strings of a frame that answers nobody, or confirms a subscription. */
  #pushOf(frame: Frame, step: OpenStep | undefined): readonly Uint8Array[] | undefined {
    if (frame.type === '>') return firstStrings(frame.bytes, 3);
    if (frame.type === '+' && this.#held.monitoring) return MONITORED.test(lineOf(frame)) ? [MONITOR] : undefined;
    if (frame.type !== '*' || this.#held.version === 3) return undefined;
    const subscribing = step === undefined || isSubscription(step.name) || this.#held.subscribed > 0;
    if (!subscribing) return undefined;
    const names = firstStrings(frame.bytes, 3);
    const word = wordIn(names[0]);
    return MESSAGES.has(word) || word in CONFIRMS ? names : undefined;
  }

  #push(names: readonly Uint8Array[], step: OpenStep | undefined): Said {
    const pushed = wordIn(names[0]);
    const kind = CONFIRMS[pushed];
    if (kind === undefined) return { kind: 'push', pushed, names };
    const before = this.#held.count(kind);
    this.#held.confirmed(kind, pushed.endsWith('unsubscribe') ? 'off' : 'on', names[1]);
    if (step?.name !== pushed.toUpperCase()) return { kind: 'push', pushed, names };
    step.left = (step.left ?? Math.max(before, 1)) - 1;
    if (step.left <= 0) this.#end(step, 'answered');
    return { kind: 'answer', step };
  }

  #answer(step: OpenStep, frame: Frame): Step {
    if (frame.type === '+' && frame.bytes.length === QUEUED.length && QUEUED.equals(frame.bytes)) {
      this.#queued.push(step);
      return this.#end(step, 'queued');
    }
    const failed = frame.type === '-' || frame.type === '!';
    // Inside a transaction it fails as well, but that one goes on.
    if (step.name === 'MULTI' && failed && !this.#begun) this.#multi = false;
    if (step.name === 'MULTI' && !failed) this.#begun = true;
    if (step.name === 'EXEC' || step.name === 'DISCARD' || step.name === 'RESET') this.#endTransaction(step, frame);
    return this.#end(step, failed ? 'failed' : 'answered');
  }

  #endTransaction(step: OpenStep, frame: Frame): void {
    const ran = step.name === 'EXEC' && frame.type === '*' && !isNull(frame);
    for (const queued of this.#queued) queued.state = ran ? 'answered' : 'discarded';
    if (ran) step.ran = this.#queued;
    this.#queued = [];
    this.#begun = false;
  }

  #end(step: OpenStep, state: StepState): Step {
    step.state = state;
    this.#steps.shift();
    return step;
  }
}

/** Names in it, each of which is confirmed; one reply for anything else. */
function confirmations(name: string, frame: Frame): number | undefined {
  if (!isSubscription(name)) return 1;
  const names = frame.kind === 'inline' ? firstArgs(frame, Infinity).length - 1 : countOf(frame) - 1;
  return names > 0 ? names : undefined;
}

function isSubscription(name: string): boolean {
  return name.endsWith('SUBSCRIBE') && name.toLowerCase() in CONFIRMS;
}

function countOf(frame: Frame): number {
  return Number.parseInt(lineOf(frame).slice(1), 10);
}

function isNull(frame: Frame): boolean {
  return frame.bytes[1] === 0x2d;
}

function lineOf(frame: Frame): string {
  return Buffer.from(frame.bytes.subarray(0, 48)).toString('latin1');
}

function wordIn(name: Uint8Array | undefined): string {
  return name === undefined || name.length > 16 ? '' : Buffer.from(name).toString('latin1').toLowerCase();
}

const QUEUED = Buffer.from('+QUEUED\r\n');
const MONITOR = Buffer.from('monitor');
/** `+1339518083.107412 [0 127.0.0.1:60866] "keys" "*"` */
const MONITORED = /^\+\d+\.\d+ \[\d+ /;
