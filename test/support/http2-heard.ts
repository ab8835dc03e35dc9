/** The server side of an HTTP/2 connection, with a line for each thing it hears and for each frame it answers with. */
import type { Header } from '../../src/domain/exchange.ts';
import { Http2Connection } from '../../src/wire/http2/connection.ts';
import type { Http2Events, StreamEvents } from '../../src/wire/http2/connection.ts';
import { DEFAULT_HTTP2_LIMITS, type Http2Limits } from '../../src/wire/http2/limits.ts';

const NAMES = 'DATA HEADERS PRIORITY RST_STREAM SETTINGS PUSH_PROMISE PING GOAWAY WINDOW_UPDATE CONTINUATION'.split(
  ' ',
);

export class Heard implements Http2Events {
  readonly connection: Http2Connection;
  readonly lists: (readonly Header[])[] = [];
  /** What happens when a stream is opened; false: it is refused. */
  answer: (stream: number) => boolean = () => true;
  now = 0;
  #lines: string[] = [];

  constructor(limits: Partial<Http2Limits> = {}) {
    this.connection = new Http2Connection(this, { ...DEFAULT_HTTP2_LIMITS, ...limits }, () => this.now);
  }

  /** A client has connected, both have said their SETTINGS, and that is forgotten. */
  static greeted(preface: Uint8Array, limits: Partial<Http2Limits> = {}): Heard {
    const heard = new Heard(limits);
    heard.connection.receive(preface);
    heard.answers();
    return heard;
  }

  opened(stream: number, headers: readonly Header[], end: boolean): StreamEvents | undefined {
    this.lists.push(headers);
    this.#lines.push(`opened ${stream}${end ? ' to its end' : ''}`);
    if (!this.answer(stream)) return undefined;
    return {
      data: (chunk, from, to) => this.#data(stream, Buffer.from(chunk.subarray(from, to)).toString('latin1')),
      ended: () => void this.#lines.push(`ended ${stream}`),
      closed: (why, code) => void this.#lines.push(`closed ${stream} ${why} ${code}`),
    };
  }

  /** Pieces that follow each other are one. */
  #data(stream: number, text: string): void {
    const start = `data ${stream} `;
    const last = this.#lines.at(-1);
    if (last?.startsWith(start) === true) this.#lines[this.#lines.length - 1] = last + text;
    else this.#lines.push(start + text);
  }

  /** What was heard since it was asked. */
  lines(): readonly string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  /** Frames that were answered since it was asked. */
  answers(): readonly string[] {
    return frames(Buffer.from(this.connection.takeOutput() ?? []));
  }

  after(...chunks: readonly Uint8Array[]): readonly string[] {
    for (const chunk of chunks) this.connection.receive(chunk);
    return [...this.lines(), ...this.answers().map((answer) => `> ${answer}`)];
  }
}

function frames(bytes: Buffer): readonly string[] {
  const found: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 9 + bytes.readUIntBE(at, 3);
    found.push(frameLine(bytes.subarray(at, end)));
    at = end;
  }
  return found;
}

function frameLine(frame: Buffer): string {
  const name = NAMES[frame[3] ?? 0] ?? '';
  const stream = frame.readUInt32BE(5);
  const flags = frame[4] ?? 0;
  const payload = frame.subarray(9);
  const line = stream === 0 ? name : `${name} ${stream}`;
  if (name === 'GOAWAY') return `${line} last ${payload.readUInt32BE(0)} code ${payload.readUInt32BE(4)}`;
  if (name === 'RST_STREAM' || name === 'WINDOW_UPDATE') return `${line} ${payload.readUInt32BE(0)}`;
  if (name === 'SETTINGS' || name === 'PING') return flags === 1 ? `${line} ack` : line;
  return `${line} ${name === 'DATA' ? payload.toString('latin1') : payload.toString('hex')}${(flags & 1) === 1 ? ' end' : ''}`;
}
