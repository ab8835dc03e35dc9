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

/** Metadata remembered of each kind. Beyond it all is forgotten, and learned again with the next call. */
const REMEMBERED = 1024;

/**
 * Works out who calls once for metadata that repeats. A sidecar says the same with every call: a transport may hand out the same array for it,
 * else it is known by its content. Callers that are known are the same objects, their vantage too.
 */
export class Callers {
  readonly #byArray = new Map<readonly Header[], Caller>();
  readonly #byContent = new Map<string, Caller>();
  readonly #speakers = new Map<string, Speaker>();
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
    remember(this.#byContent, content, caller);
    remember(this.#byArray, metadata, caller);
    this.#last = { metadata, caller };
    return caller;
  }

  #callerOf(metadata: readonly Header[], trace: CapturedCall['trace']): Caller {
    const key = contentOf(metadata, 'x-loop-');
    const speaker = this.#speakers.get(key) ?? speakerOf(metadata, {});
    remember(this.#speakers, key, speaker);
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

function remember<Key, Value>(known: Map<Key, Value>, key: Key, value: Value): void {
  if (known.size >= REMEMBERED && !known.has(key)) known.clear();
  known.set(key, value);
}
