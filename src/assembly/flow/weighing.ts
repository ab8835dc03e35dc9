/** What speaks for each candidate of each call, in the order in which they began. */
import type { Exchange } from '../../domain/exchange.ts';
import { methodOf, pathOf } from '../../domain/exchange.ts';
import type { StreamId } from '../../domain/ids.ts';
import { foldPath } from '../../domain/route.ts';
import type { Features } from './features.ts';
import { featuresOf, hasFailed } from './features.ts';
import type { Flowing, Knowledge, Rarity } from './flowing.ts';
import { besides, flowing, NOTHING, rarityAmong } from './flowing.ts';
import { quotes } from './quoting.ts';
import type { Scene } from './scene.ts';
import { answeredAt, couldHaveMade, Reading, sameInstance } from './scene.ts';
import type { Done } from './trees.ts';
import { targetOf, Trees } from './trees.ts';

/** What was looked at for one candidate. */
export interface Weighed {
  readonly caller: Exchange;
  readonly features: Features;
  readonly given: Flowing;
  readonly returned: Flowing;
}

export interface WeighedCall {
  readonly call: Exchange;
  readonly weighed: readonly Weighed[];
}

/** Where a call is most likely to belong. */
export type Best = (call: WeighedCall) => { readonly parent: StreamId; readonly confidence: number } | undefined;

/** A crowd of fewer callers, or calls, is taken for one of so many: in a small one nothing is proven to be rare. */
const CALLERS = 4;
const CALLS = 12;
/** What a later call shows of an earlier one counts in the next round. */
const ROUNDS = 3;

/** Exchanges that began something and hang under nothing: outbound ones without a parent. */
function orphansOf({ exchanges, links }: Pick<Scene, 'exchanges' | 'links'>): readonly Exchange[] {
  const placed = new Set(links.map(({ child }) => child));
  return exchanges.filter(({ id, vantage }) => vantage.direction === 'outbound' && !placed.has(id));
}

/**
 * What one call was answered may be what the next one asks with, so they are looked at in order; and once more when it is known who else was
 * asked.
 */
export function weigh(scene: Scene, best: Best): readonly WeighedCall[] {
  const room = new Room(scene);
  const orphans = orphansOf(scene).toSorted((one, other) => one.startedAt - other.startedAt);
  const look = (call: Exchange): WeighedCall => {
    const weighed = { call, weighed: room.weigh(call, orphans) };
    const found = best(weighed);
    if (found !== undefined) room.trees.place(call, kindOf(call), found.parent, found.confidence);
    return weighed;
  };
  for (let round = 1; round < ROUNDS; round++) orphans.forEach(look);
  return orphans.map(look);
}

class Room {
  readonly trees: Trees;
  readonly #reading = new Reading();
  readonly #callers: readonly Exchange[];
  /** What failed may be asked again. */
  readonly #failed: ReadonlySet<string>;
  readonly #answers = new Map<string, Rarity>();
  readonly #calls = new Map<string, Rarity>();

  constructor(scene: Scene) {
    this.trees = new Trees(scene, this.#reading);
    this.#callers = scene.exchanges.filter(({ vantage }) => vantage.direction === 'inbound');
    this.#failed = new Set(scene.exchanges.filter(hasFailed).map(({ id }) => id));
  }

  weigh(call: Exchange, orphans: readonly Exchange[]): readonly Weighed[] {
    const there = this.#callers.filter((caller) => sameInstance(caller, call));
    const candidates = there.filter(
      (caller) => couldHaveMade(caller, call.startedAt) && !this.trees.isUnder(caller.id, call.id),
    );
    if (candidates.length === 0) return [];
    const beside = orphans.filter((orphan) => sameInstance(orphan, call));
    const kind = kindOf(call);
    const asking = { ...call, kind };
    const known = there.map((caller) => this.trees.knew(caller, asking));
    const givenRarity = both(rarityAmong(known, CALLERS), this.#rarityOfAsking(call, beside));
    const returnedRarity = this.#rarityOfAnswers(call, there, beside);
    const once = this.#madeOnce(call, there);
    const ending = { ...call, failed: hasFailed(call) };
    const asked = targetOf(call);
    const failed = new Set(ending.failed ? candidates.filter(({ id }) => this.#failed.has(id)) : []);
    const quoting = new Set([...failed].filter((caller) => quotes(caller, call)));
    return candidates.map((caller) => {
      const knew = this.trees.knew(caller, asking);
      const given = flowing(knew, this.#reading.asked(call), givenRarity);
      const returned = this.#returned(caller, call, knew, returnedRarity);
      const others = this.trees.of(caller.id).filter(({ id }) => id !== call.id);
      const features = featuresOf({
        caller,
        call: ending,
        given,
        returned,
        moments: this.trees.moments(caller, call),
        others,
        repeated: once * certaintyOf(others.filter((done) => done.kind === kind)),
        again: certaintyOf(others.filter(({ target, id }) => target === asked && !this.#failed.has(id))),
        only: candidates.length === 1,
        failing: failed.has(caller) ? failed.size : 0,
        quoting: quoting.has(caller) ? quoting.size : 0,
      });
      return { caller, given, returned, features };
    });
  }

  /** What the caller knew before the call, the call has not told it. */
  #returned(caller: Exchange, call: Exchange, knew: Knowledge, rarity: Rarity): Flowing {
    if (answeredAt(caller) < call.endedAt - 1) return NOTHING;
    const fresh = besides(knew, this.#reading.answered(call));
    return flowing(fresh, this.#reading.answered(caller), rarity);
  }

  #rarityOfAsking({ vantage }: Exchange, beside: readonly Exchange[]): Rarity {
    return remembered(this.#calls, vantage.instance, () =>
      rarityAmong(
        beside.map((orphan) => this.#reading.asked(orphan)),
        CALLS,
      ),
    );
  }

  #rarityOfAnswers({ vantage }: Exchange, there: readonly Exchange[], beside: readonly Exchange[]): Rarity {
    const answers = (all: readonly Exchange[]) => all.map((exchange) => this.#reading.answered(exchange));
    return remembered(this.#answers, vantage.instance, () =>
      both(rarityAmong(answers(there), CALLERS), rarityAmong(answers(beside), CALLS)),
    );
  }

  /** Share of callers with such a call that have just one. */
  #madeOnce(call: Exchange, there: readonly Exchange[]): number {
    const kind = kindOf(call);
    const counts = there
      .map(({ id }) => this.trees.of(id).filter((done) => done.kind === kind && done.id !== call.id).length)
      .filter((count) => count > 0);
    return counts.length === 0 ? 0 : counts.filter((count) => count === 1).length / counts.length;
  }
}

function certaintyOf(done: readonly Done[]): number {
  return done.reduce((most, { certainty }) => Math.max(most, certainty), 0);
}

function both(one: Rarity, other: Rarity): Rarity {
  return (value) => one(value) * other(value);
}

function remembered(all: Map<string, Rarity>, key: string, make: () => Rarity): Rarity {
  const known = all.get(key) ?? make();
  all.set(key, known);
  return known;
}

/** Calls of one kind: of them each request mostly makes as many. */
function kindOf(call: Exchange): string {
  return `${methodOf(call)} ${call.peer.name} ${foldPath(pathOf(call))}`;
}
