/** One value of an answer, as everybody may read it: bounded before it is redacted, and once more after that. */

/** Of one value: so much is read and redacted, and so much of that is shown, that no end of a secret stands where it was cut. Characters. */
const READ = 16_384;
const SHOWN = 12_288;
/** Even nothing takes its place in a table. */
const LEAST = 16;

/** What may still be read of answers. One for each view; a command's share is a part of it. */
export class Room {
  #left: number;
  readonly #whole: Room | undefined;

  /** Characters, before redaction. */
  constructor(characters: number, whole?: Room) {
    this.#left = characters;
    this.#whole = whole;
  }

  get full(): boolean {
    return this.#left <= 0 || this.#whole?.full === true;
  }

  take(characters: number): void {
    const taken = Math.max(Math.min(characters, READ), LEAST);
    this.#left -= taken;
    this.#whole?.take(taken);
  }
}

export function shownValue(text: string, hide: (text: string) => string): string {
  const hidden = hide(text.slice(0, READ));
  return hidden.length > SHOWN || text.length > READ ? `${hidden.slice(0, SHOWN)}…` : hidden;
}

/** The beginning of bytes, as much as is read; text is not cut within a character. */
export function beginning(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= READ) return bytes;
  let end = READ;
  while (end > READ - 4 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}
