/** The breakpoints of the command line, as one adapter has them. */
import { linesOf, sourcesOf } from '../../launch/runtime/sources.ts';
import type { DebuggedService } from '../debugger.ts';
import type { BreakpointPlace } from '../place.ts';
import type { DapConnection } from './connection.ts';
import type { Dialect } from './dialect.ts';
import { BREAKPOINTS } from './messages.ts';

/** How many lines a breakpoint slides down to one with code. */
const SLIDES = 30;

interface Wanted {
  readonly place: BreakpointPlace;
  /** Where it is asked for. */
  readonly line: number;
}

export class DapPlaces {
  readonly #dialect: Dialect;
  /** By absolute path. */
  readonly #wanted: ReadonlyMap<string, readonly Wanted[]>;
  readonly #all: readonly BreakpointPlace[];
  readonly #bound = new Set<BreakpointPlace>();

  constructor(places: readonly BreakpointPlace[], service: DebuggedService, dialect: Dialect) {
    this.#dialect = dialect;
    this.#all = places;
    const wanted = new Map<string, Wanted[]>();
    for (const place of places) {
      for (const path of sourcesOf(place.file, service)) {
        const line = this.#nextLine(linesOf(path), place.line);
        if (line !== undefined) wanted.set(path, [...(wanted.get(path) ?? []), { place, line }]);
      }
    }
    this.#wanted = wanted;
  }

  bound(): readonly BreakpointPlace[] {
    return this.#all.filter((place) => this.#bound.has(place));
  }

  unbound(): readonly BreakpointPlace[] {
    return this.#all.filter((place) => !this.#bound.has(place));
  }

  /** Sets all. The answer: what the adapter calls them. */
  async set(adapter: DapConnection): Promise<ReadonlyMap<number, BreakpointPlace>> {
    const known = new Map<number, BreakpointPlace>();
    for (const [path, wanted] of this.#wanted) await this.#setIn(adapter, path, wanted, known);
    return known;
  }

  /** A file's are set together; where a line has no code after all, the next is tried. */
  async #setIn(
    adapter: DapConnection,
    path: string,
    wanted: readonly Wanted[],
    known: Map<number, BreakpointPlace>,
  ): Promise<void> {
    const lines = linesOf(path);
    let asked = wanted;
    for (let tries = 0; tries < SLIDES; tries += 1) {
      const source = { path, name: path.slice(path.lastIndexOf('/') + 1) };
      const args = { source, breakpoints: asked.map(({ line }) => ({ line })) };
      const { breakpoints } = await adapter.request('setBreakpoints', args, BREAKPOINTS);
      for (const [index, { place }] of asked.entries()) {
        const set = breakpoints[index];
        if (set?.id !== undefined) known.set(set.id, place);
        if (set?.verified === true) this.#bound.add(place);
      }
      if (asked.every(({ place }) => this.#bound.has(place))) return;
      const further = asked.map((one) =>
        this.#bound.has(one.place) ? one : { ...one, line: this.#nextLine(lines, one.line + 1) ?? one.line },
      );
      if (further.every(({ line }, index) => line === asked[index]?.line)) return;
      asked = further;
    }
  }

  /** The line (from 1), or the first after it that is not empty; undefined: the file is shorter. */
  #nextLine(lines: readonly string[], from: number): number | undefined {
    const found = lines.findIndex((line, index) => index >= from - 1 && !this.#dialect.isEmpty(line));
    return found < 0 ? undefined : found + 1;
  }
}
