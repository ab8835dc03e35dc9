/** The events of a stream. https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
import type { Header } from '../../domain/exchange.ts';
import type { StreamMessage } from '../stream.ts';
import { sized } from '../stream.ts';
import type { EventBlock, FramingFault } from './framing.ts';
import { EventStreamDeframer } from './framing.ts';

export type MessageFault = FramingFault | 'too-many';

/** Of one block, and of one stream. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_EVENTS = 100_000;

/** Fed with bytes as they come. After a fault nothing more comes out of it. */
export class EventStreamReader {
  readonly #deframer: EventStreamDeframer;
  #events = 0;
  fault: MessageFault | undefined = undefined;

  constructor(maxBytes = MAX_BYTES) {
    this.#deframer = new EventStreamDeframer(maxBytes);
  }

  /** The events that these bytes complete. `at`: Unix ms. */
  push(bytes: Uint8Array, at: number): readonly StreamMessage[] {
    if (this.#events > MAX_EVENTS) this.fault ??= 'too-many';
    if (this.fault === 'too-many') return [];
    const messages = this.#deframer.push(bytes).map((block) => messageOf(block, at));
    this.#events += messages.length;
    this.fault = this.#deframer.fault;
    return messages;
  }

  /** Nothing more comes: sets the fault `truncated` when that is inside an event. Bytes that are of none, in one piece. */
  end(): Uint8Array {
    const rest = this.#deframer.end();
    this.fault ??= this.#deframer.fault;
    return rest;
  }
}

/** A field name ends at the first colon; one space behind it is not of the value. */
const FIELD = /^([^:]*)(?::\x20?)?([^]*)$/;

function messageOf({ lines, wire }: EventBlock, at: number): StreamMessage {
  const fields = lines.map((line) => FIELD.exec(line) ?? []).map(([, name = '', value = '']) => ({ name, value }));
  const said = fields.filter(({ name }) => name !== '');
  const data = said.filter(({ name }) => name === 'data').map(({ value }) => value);
  const headers = said.filter(isKnown);
  const kind = said.length === 0 ? 'comment' : 'event';
  const text = kind === 'comment' ? fields.map(({ value }) => value) : data;
  const bytes = Buffer.from(text.join('\n'), 'utf8');
  return {
    side: 'server',
    at,
    kind,
    bytes,
    wire,
    ...(headers.length > 0 && { headers }),
    summary: sized(kind, bytes.length),
  };
}

/** Others are ignored by clients, as are an id with a zero in it and a time that is no number. */
function isKnown({ name, value }: Header): boolean {
  if (name === 'event') return true;
  if (name === 'id') return !value.includes('\0');
  return name === 'retry' && /^\d+$/.test(value);
}
