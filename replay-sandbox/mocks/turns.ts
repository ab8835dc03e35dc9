/** The answers of one connection, each given when it is its turn. What the client says meanwhile waits. */
import type { CallLog, ReplayedCall } from '../match/call.ts';
import type { Order } from '../match/order.ts';

export interface TurnsOptions {
  readonly log: CallLog;
  /** Without it everything is given at once. */
  readonly order?: Order | undefined;
}

export class Turns<Action> {
  readonly #options: TurnsOptions;
  readonly #wake: (actions: readonly Action[]) => void;
  #calls: ReplayedCall[] = [];
  #taking = false;
  #waiting = false;

  /** `wake` sends what waited, and goes on with what the client has said since. */
  constructor(options: TurnsOptions, wake: (actions: readonly Action[]) => void) {
    this.#options = options;
    this.#wake = wake;
  }

  get waiting(): boolean {
    return this.#waiting;
  }

  /** A question has its answer. */
  answered(call: ReplayedCall): void {
    if (this.#taking && this.#options.order !== undefined) this.#calls.push(call);
    else this.#options.log.add(call);
  }

  /** What there is to do about one message: nothing yet when an answer in it has to wait. */
  take(handle: () => readonly Action[]): readonly Action[] {
    const { order } = this.#options;
    if (order === undefined) return handle();
    this.#taking = true;
    const actions = handle();
    this.#taking = false;
    const calls = this.#calls.splice(0);
    const ids = calls.flatMap(({ exchange }) => exchange ?? []);
    let now = true;
    const atOnce = order.turn(ids, (notes) => {
      this.#log(calls, notes);
      if (now) return;
      this.#waiting = false;
      this.#wake(actions);
    });
    now = false;
    this.#waiting = !atOnce;
    return atOnce ? actions : [];
  }

  #log(calls: readonly ReplayedCall[], notes: readonly string[]): void {
    for (const call of calls) {
      const { explanation = [] } = call;
      this.#options.log.add(notes.length === 0 ? call : { ...call, explanation: [...explanation, ...notes] });
    }
  }
}
