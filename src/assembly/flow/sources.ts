/**
 * Where the values of a kind of statement come from, learned from those around: when the customer that `select … where id = $1` asks for is
 * always the `customer` of a request, a request with another customer did not ask.
 */
import type { Command } from '../../domain/conversation.ts';
import type { Exchange } from '../../domain/exchange.ts';
import { conversationProtocol } from '../../wire/protocols.ts';
import type { Reading } from './scene.ts';
import { couldHaveMade, sameInstance } from './scene.ts';
import { normalise } from './value.ts';

/** Seen less often, or with fewer different values, a kind of statement teaches nothing. */
const SEEN = 6;
const DIFFERENT = 3;
/** So often a place's value has to be in some request under the same name. */
const ALWAYS = 0.95;
/** What so large a share of all requests has says nothing of one. */
const COMMON = 0.5;
const PLACES = 12;

/** A place in the question of a kind of statement, and the name under which requests have what stands there. */
interface Source {
  readonly place: number;
  readonly name: string;
}

export class Sources {
  readonly #reading: Reading;
  readonly #byKind: ReadonlyMap<string, readonly Source[]>;

  constructor(commands: readonly Command[], callers: readonly Exchange[], reading: Reading) {
    this.#reading = reading;
    const kinds = Map.groupBy(commands, kindOf);
    this.#byKind = new Map([...kinds].map(([kind, all]) => [kind, this.#learn(all, callers)]));
  }

  /** False when a value of the command comes from requests, and not from this one. Undefined when nothing is known. */
  agrees(command: Command, caller: Exchange): boolean | undefined {
    const sources = this.#byKind.get(kindOf(command)) ?? [];
    if (sources.length === 0) return undefined;
    const values = placesOf(command);
    const asked = this.#reading.asked(caller);
    return sources.every(({ place }) => values[place] === undefined || asked.has(values[place]));
  }

  #learn(commands: readonly Command[], callers: readonly Exchange[]): readonly Source[] {
    if (commands.length < SEEN) return [];
    const seen = commands.map((command) => ({
      values: placesOf(command),
      callers: callers.filter((caller) => sameInstance(caller, command) && couldHaveMade(caller, command.startedAt)),
    }));
    const places = Math.min(PLACES, ...seen.map(({ values }) => values.length));
    return Array.from({ length: places }, (_, place) => this.#sourceOf(place, seen)).filter(
      (source) => source !== undefined,
    );
  }

  #sourceOf(
    place: number,
    seen: readonly { readonly values: readonly string[]; readonly callers: readonly Exchange[] }[],
  ): Source | undefined {
    const names = new Map<string, number>();
    const different = new Set<string>();
    let share = 0;
    for (const { values, callers } of seen) {
      const value = values[place] ?? '';
      different.add(value);
      const found = callers.flatMap((caller) => this.#reading.asked(caller).get(value) ?? []);
      for (const name of new Set(found)) names.set(name, (names.get(name) ?? 0) + 1);
      share += found.length / Math.max(1, callers.length);
    }
    const [name = '', count = 0] = [...names].toSorted(([, one], [, other]) => other - one)[0] ?? [];
    const known = count >= ALWAYS * seen.length && different.size >= DIFFERENT && share <= COMMON * seen.length;
    return known ? { place, name } : undefined;
  }
}

/** Statements that differ in values alone. */
function kindOf({ summary, protocol }: Command): string {
  return `${protocol} ${summary.replace(/'(?:[^']|'')*'|[\w-]*\d[\w-]*/g, '?')}`;
}

function placesOf(command: Command): readonly string[] {
  const asked = conversationProtocol(command.protocol)?.asked?.(command) ?? [];
  return asked.map(({ value }) => normalise(value));
}
