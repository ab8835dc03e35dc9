import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 50;
/** Of a machine that does something else, too. */
const WITHIN_MS = 60_000;
/** Characters of what was seen. */
const SHOWN = 500;

/** Asks again and again until it holds; throws what was last seen when it does not in time. For what tells nobody when it changes. */
export async function until<Seen>(
  look: () => Seen | Promise<Seen>,
  holds: (seen: Seen) => boolean,
  withinMs = WITHIN_MS,
): Promise<Seen> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (performance.now() > deadline)
      throw new Error(`Not within ${withinMs} ms; last seen: ${(JSON.stringify(seen) ?? 'nothing').slice(0, SHOWN)}`);
    await delay(PAUSE_MS);
  }
}
