/**
 * JSON as rows of a tree, as it is written: numbers keep their digits, names may repeat, and of text that was cut off comes what is there.
 * One loop and a stack of its own, so that depth costs no stack; every step goes forward.
 */

export interface JsonRow {
  readonly kind: 'object' | 'array' | 'string' | 'number' | 'literal';
  readonly depth: number;
  /** The member's name, or its index in an array; undefined for the outermost. */
  readonly name?: string | number;
  /** Of a scalar: the number as written, the string unescaped. */
  readonly text: string;
  /** Of a container: how many are directly inside. */
  readonly size: number;
  /** Where the rows behind its last descendant begin. */
  readonly end: number;
}

export interface JsonTree {
  readonly rows: readonly JsonRow[];
  /** The text ended too early, or a limit was reached: what is missing stands at the end. */
  readonly cut: boolean;
}

interface JsonLimits {
  readonly rows: number;
  readonly depth: number;
}

const LIMITS: JsonLimits = { rows: 20_000, depth: 128 };

interface Draft extends JsonRow {
  size: number;
  end: number;
}

/** Undefined for text that is no JSON. A scalar alone is JSON too. */
export function readJson(text: string, limits = LIMITS): JsonTree | undefined {
  const reader = new JsonReader(text, limits);
  const ended = reader.read();
  if (ended === 'no-json' || reader.rows.length === 0) return undefined;
  return { rows: reader.rows, cut: ended === 'cut' };
}

type Ended = 'whole' | 'cut' | 'no-json';

const SPACE = /[ \t\r\n]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
/** Left by a cut. */
const BEGINS_SCALAR = /^(?:-?\d*\.?\d*[eE]?[+-]?\d*|t|tr|tru|f|fa|fal|fals|n|nu|nul)$/;

/** Lives for one text. */
class JsonReader {
  readonly rows: Draft[] = [];
  readonly #text: string;
  readonly #limits: JsonLimits;
  readonly #open: Draft[] = [];
  #at = 0;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  read(): Ended {
    let ended = this.#value(undefined);
    while (ended === undefined && this.#open.length > 0) ended = this.#inside();
    for (const draft of this.#open) draft.end = this.rows.length;
    if (ended !== undefined) return ended;
    this.#space();
    return this.#at === this.#text.length ? 'whole' : 'no-json';
  }

  /** One member or element of the innermost container, or its end. */
  #inside(): Ended | undefined {
    const container = this.#open.at(-1);
    if (container === undefined) return 'no-json';
    this.#space();
    if (this.#take(container.kind === 'object' ? '}' : ']')) return this.#close(container);
    if (container.size > 0 && !this.#take(',')) return this.#wrong();
    this.#space();
    if (container.kind === 'array') return this.#value(container.size);
    const name = this.#string();
    if (name === undefined) return this.#wrong(this.#text[this.#at] === '"');
    this.#space();
    if (!this.#take(':')) return this.#wrong();
    return this.#value(name);
  }

  #close(container: Draft): undefined {
    container.end = this.rows.length;
    this.#open.pop();
  }

  #value(name: string | number | undefined): Ended | undefined {
    if (this.rows.length >= this.#limits.rows || this.#open.length >= this.#limits.depth) return 'cut';
    this.#space();
    const next = this.#text[this.#at];
    if (next === '{' || next === '[') {
      this.#at += 1;
      this.#open.push(this.#add(next === '{' ? 'object' : 'array', name, ''));
      return undefined;
    }
    if (next === '"') {
      const string = this.#string();
      if (string === undefined) return this.#cutString(name);
      this.#add('string', name, string);
      return undefined;
    }
    return this.#scalar(name);
  }

  #scalar(name: string | number | undefined): Ended | undefined {
    SCALAR.lastIndex = this.#at;
    const [text] = SCALAR.exec(this.#text) ?? [];
    if (text === undefined) return this.#wrong(BEGINS_SCALAR.test(this.#text.slice(this.#at, this.#at + 32)));
    this.#at += text.length;
    this.#add(/^[-\d]/.test(text) ? 'number' : 'literal', name, text);
    return undefined;
  }

  /** The beginning of a string is shown, for it may be all there is. */
  #cutString(name: string | number | undefined): Ended {
    this.#add('string', name, this.#text.slice(this.#at + 1));
    return 'cut';
  }

  /** Undefined when it does not end. */
  #string(): string | undefined {
    if (this.#text[this.#at] !== '"') return undefined;
    let end = this.#text.indexOf('"', this.#at + 1);
    while (end >= 0 && isEscaped(this.#text, end)) end = this.#text.indexOf('"', end + 1);
    if (end < 0) return undefined;
    const written = this.#text.slice(this.#at, end + 1);
    this.#at = end + 1;
    return unescaped(written);
  }

  #add(kind: JsonRow['kind'], name: string | number | undefined, text: string): Draft {
    const container = this.#open.at(-1);
    if (container !== undefined) container.size += 1;
    const end = this.rows.length + 1;
    const row = { kind, depth: this.#open.length, ...(name !== undefined && { name }), text, size: 0, end };
    this.rows.push(row);
    return row;
  }

  /** Text that is over was cut off; anything else is no JSON. */
  #wrong(begun = false): Ended {
    return begun || this.#at >= this.#text.length ? 'cut' : 'no-json';
  }

  #space(): void {
    SPACE.lastIndex = this.#at;
    this.#at += SPACE.exec(this.#text)?.[0].length ?? 0;
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}

/** A line end in a string is no JSON, and yet what somebody sent: it is shown as written. */
function unescaped(written: string): string {
  try {
    return String(JSON.parse(written));
  } catch {
    return written.slice(1, -1);
  }
}
