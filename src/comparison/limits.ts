/**
 * What a comparison does at most. Both sides are recordings, so anybody's: it runs on loopd's main thread, and its work grows with what is
 * compared (about 50 ms a MiB), never with the square of it.
 */
export const LIMITS = {
  /** Exchanges of one view, and commands of one view. */
  items: 5000,
  /** Text of both sides, characters; a view has 2 MiB of bodies. */
  characters: 12 * 1024 * 1024,
  /** Differences listed of one pair, and of all. */
  differencesOfPair: 100,
  differences: 2000,
  /** Characters of a value that are shown. */
  shown: 500,
  /** Lines of one text that are aligned; cells of the table that finds what was put in between. Beyond, line by line. */
  lines: 5000,
  cells: 250_000,
} as const;

/** What is left of it, and what had to be left out. One for each comparison. */
export class Effort {
  #characters: number = LIMITS.characters;
  #differences: number = LIMITS.differences;
  readonly #notes = new Map<string, number>();

  /** False when there is no more to spend: whoever asks leaves it and says so. */
  spend(characters: number): boolean {
    if (this.#characters < characters) {
      this.note(`texts were not compared: the comparison reads ${LIMITS.characters} characters`);
      return false;
    }
    this.#characters -= characters;
    return true;
  }

  /** Whether one more difference may be listed. */
  list(): boolean {
    if (this.#differences === 0) return false;
    this.#differences -= 1;
    return true;
  }

  /** `what` goes on behind a number: `bodies are cut: …`. */
  note(what: string): void {
    this.#notes.set(what, (this.#notes.get(what) ?? 0) + 1);
  }

  get notes(): readonly string[] {
    return [...this.#notes].map(([what, times]) => `${times} ${what}.`);
  }
}
