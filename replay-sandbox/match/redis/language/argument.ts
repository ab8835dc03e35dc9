import { shown } from '../../../../src/wire/redis/language/summary.ts';
import { parseJson } from '../../../../src/domain/exact-json.ts';

/** What stands between the parts of a key: `cart:{7}:items`, `user/7`. */
const BETWEEN = /[:/{}|,;=.\s]+/;
/** Longer values are compared as a whole. */
const PARTS_BYTES = 65_536;

/** One argument of a command, and what it is read as, which is known once it was asked for: it is compared with many. */
export class Argument {
  readonly isKey: boolean;
  readonly isSecret: boolean;
  readonly #bytes: Uint8Array;
  #text: string | undefined;
  #parts: readonly string[] | undefined;
  #shown: string | undefined;

  constructor(bytes: Uint8Array, isKey: boolean, isSecret: boolean) {
    this.#bytes = bytes;
    this.isKey = isKey;
    this.isSecret = isSecret;
  }

  get isLong(): boolean {
    return this.#bytes.length > PARTS_BYTES;
  }

  get text(): string {
    return this.isLong ? this.#decoded() : (this.#text ??= this.#decoded());
  }

  get parts(): readonly string[] {
    return this.isLong ? this.text.split(BETWEEN) : (this.#parts ??= this.text.split(BETWEEN));
  }

  /** For people. */
  get shown(): string {
    return (this.#shown ??= shown(this.#bytes));
  }

  /** An object or array in JSON. */
  get document(): unknown {
    const [first] = this.#bytes;
    return first === 0x7b || first === 0x5b ? parseJson(this.text) : undefined;
  }

  #decoded(): string {
    const { buffer, byteOffset, byteLength } = this.#bytes;
    return Buffer.from(buffer, byteOffset, byteLength).toString();
  }

  isSame(other: Argument): boolean {
    return this.#bytes.length === other.#bytes.length && Buffer.compare(this.#bytes, other.#bytes) === 0;
  }
}
