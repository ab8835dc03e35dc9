import type { Header } from '../domain/exchange.ts';
import type { CapturedCall } from '../recorder/port.ts';
import { encodeHeaders } from '../wire/extproc/headers.ts';
import { namesSpeaker, speakerOf } from '../wire/extproc/speaker.ts';
import type { Speaker } from '../wire/extproc/speaker.ts';
import { traceContextOf } from '../wire/tracecontext/identity.ts';

/** Who calls, as metadata alone tells. */
export interface Caller {
  readonly speaker: Speaker;
  /** The call as a recorder is told of it; undefined where the attributes of the first message have still to say who speaks. */
  readonly call: CapturedCall | undefined;
}

/** Metadata remembered of each kind. Beyond it, or beyond so many bytes of it, all is forgotten, and learned again with the next call. */
const REMEMBERED = 1024;
const REMEMBERED_BYTES = 1024 * 1024;

/**
 * Works out who calls once for metadata that repeats. A sidecar says the same with every call: a transport may hand out the same array for it,
 * else it is known by its content. Callers that are known are the same objects, their vantage too.
 */
export class Callers {
  readonly #byArray = new Remembered<readonly Header[], Caller>();
  readonly #byContent = new Remembered<string, Caller>();
  readonly #speakers = new Remembered<string, Speaker>();
  #last: { readonly metadata: readonly Header[]; readonly caller: Caller } | undefined;

  of(metadata: readonly Header[]): Caller {
    const last = this.#last;
    if (last !== undefined && (last.metadata === metadata || isSame(last.metadata, metadata))) return last.caller;
    const known = this.#byArray.get(metadata);
    if (known !== undefined) {
      this.#last = { metadata, caller: known };
      return known;
    }
    return this.#learn(metadata);
  }

  /** Metadata with a trace is of one call. */
  #learn(metadata: readonly Header[]): Caller {
    const trace = traceContextOf(metadata);
    if (trace !== undefined) return this.#callerOf(metadata, trace);
    const content = contentOf(metadata, '');
    const caller = this.#byContent.get(content) ?? this.#callerOf(metadata, undefined);
    this.#byContent.set(content, caller, content.length);
    this.#byArray.set(metadata, caller, content.length);
    this.#last = { metadata, caller };
    return caller;
  }

  #callerOf(metadata: readonly Header[], trace: CapturedCall['trace']): Caller {
    const key = contentOf(metadata, 'x-loop-');
    const speaker = this.#speakers.get(key) ?? speakerOf(metadata, {});
    this.#speakers.set(key, speaker, key.length);
    if (!namesSpeaker(metadata)) return { speaker, call: undefined };
    return { speaker, call: { metadata, encoded: encodeHeaders(metadata), ...speaker, ...(trace && { trace }) } };
  }
}

function isSame(one: readonly Header[], other: readonly Header[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++)
    if (one[index]?.name !== other[index]?.name || one[index]?.value !== other[index]?.value) return false;
  return true;
}

/** No header has a zero in it, but a hostile one: lengths keep two lists apart. */
function contentOf(metadata: readonly Header[], prefix: string): string {
  let content = '';
  for (const { name, value } of metadata)
    if (name.startsWith(prefix)) content += `${name.length} ${value.length} ${name}${value}`;
  return content;
}

class Remembered<Key, Value> {
  readonly #known = new Map<Key, Value>();
  #bytes = 0;

  get(key: Key): Value | undefined {
    return this.#known.get(key);
  }

  /** `bytes`: about what the key and what was made of it hold. */
  set(key: Key, value: Value, bytes: number): void {
    if (this.#known.has(key)) return;
    if (this.#known.size >= REMEMBERED || this.#bytes + bytes > REMEMBERED_BYTES) {
      this.#known.clear();
      this.#bytes = 0;
    }
    this.#known.set(key, value);
    this.#bytes += bytes;
  }
}
