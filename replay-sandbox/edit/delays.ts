/** Answers that come later than they would by themselves: so many milliseconds of the stage's time. */
import { Order } from '../match/order.ts';
import type { Timers } from '../mocks/stream/timers.ts';
import type { ReplayPlan } from '../plan/plan.ts';

/** The order as it is, when nothing in the plan is delayed. */
export function withDelays(
  { http, commands }: Pick<ReplayPlan, 'http' | 'commands'>,
  order: Order | undefined,
  timers: Timers,
): Order | undefined {
  const delays = new Map<string, number>();
  for (const { exchange, delayMs = 0 } of http) if (delayMs > 0) delays.set(exchange.id, delayMs);
  for (const { command, delayMs = 0 } of commands) if (delayMs > 0) delays.set(command.id, delayMs);
  return delays.size === 0 ? order : new Delayed(delays, order, timers);
}

class Delayed extends Order {
  readonly #delays: ReadonlyMap<string, number>;
  readonly #order: Order | undefined;
  readonly #timers: Timers;

  constructor(delays: ReadonlyMap<string, number>, order: Order | undefined, timers: Timers) {
    super(timers);
    this.#delays = delays;
    this.#order = order;
    this.#timers = timers;
  }

  override expect(answers: Parameters<Order['expect']>[0]): void {
    this.#order?.expect(answers);
  }

  override turn(ids: readonly string[], give: (notes: readonly string[]) => void): boolean {
    const ms = Math.max(0, ...ids.map((id) => this.#delays.get(id) ?? 0));
    if (ms === 0) return this.#give(ids, give, []);
    this.#timers.after(ms, () => this.#give(ids, give, [`held for ${ms} ms`]));
    return false;
  }

  override given(id: string): void {
    this.#order?.given(id);
  }

  override close(): void {
    this.#order?.close();
  }

  #give(ids: readonly string[], give: (notes: readonly string[]) => void, held: readonly string[]): boolean {
    if (this.#order !== undefined) return this.#order.turn(ids, (notes) => give([...held, ...notes]));
    give(held);
    return true;
  }
}
