/** What the generator (h2-calls.c) is told to send: the phases of one call as bytes, and where ids of their own belong in them. */
import { readFileSync } from 'node:fs';
import { requestBody, requestHeaders, responseBody, responseHeaders } from '../../test/support/extproc.ts';
import { FrameType, frame } from '../../test/support/http2-frames.ts';

/**
 * - `1k`    a kilobyte in 5 messages, without attributes: what bench:ingest is judged by
 * - `envoy` the messages of a real sidecar with the configuration Loop prints, attributes and all: bodies of 1,000 bytes, 2.7 KB in 6 messages
 * - `16k`, `256k` the same with an answer so long, in chunks of 16 KiB
 */
export type Shape = '1k' | 'envoy' | '16k' | '256k';
export const SHAPES: readonly Shape[] = ['1k', 'envoy', '16k', '256k'];

interface Captured {
  readonly ids: { readonly order: string; readonly trace: string; readonly span: string; readonly requestId: string };
  readonly preface: string;
  readonly firstBlock: string;
  readonly laterBlock: string;
  readonly request: readonly string[];
  readonly response: readonly string[];
  readonly end: readonly string[];
}

interface Messages {
  readonly request: readonly Uint8Array[];
  readonly response: readonly Uint8Array[];
}

const CAPTURED = new URL('./envoy-1.40.json', import.meta.url);
const MAX_FRAME = 16_384;
const CHUNK = 16_384;
const STREAM_AT = 5;

export interface Script {
  readonly bytes: Buffer;
  /** Of the messages of one call, without framing. */
  readonly messageBytes: number;
  readonly messages: number;
}

/** `answerBytes`: of another length than the shape's own. */
export function scriptOf(shape: Shape, answerBytes?: number): Script {
  const captured = JSON.parse(readFileSync(CAPTURED, 'utf8')) as Captured;
  const messages = messagesOf(shape, captured, answerBytes);
  const hex = (text: string): Buffer => Buffer.from(text, 'hex');
  const data = (all: readonly Uint8Array[]): Buffer[] => all.flatMap(framed);
  const headers = (block: string): Buffer => frame(FrameType.headers, 4, 0, hex(block));
  const request = data(messages.request);
  const phases = [
    Buffer.concat([headers(captured.firstBlock), ...request]),
    Buffer.concat([headers(captured.laterBlock), ...request]),
    Buffer.concat(data(messages.response)),
    Buffer.concat(captured.end.map(hex)),
  ];
  const preface = hex(captured.preface);
  const all = [...messages.request, ...messages.response];
  return {
    bytes: Buffer.concat([u32(preface.length), preface, ...phases.map((bytes) => phase(bytes, captured.ids))]),
    messageBytes: all.reduce((sum, { length }) => sum + length, 0),
    messages: all.length,
  };
}

function messagesOf(shape: Shape, captured: Captured, answerBytes: number | undefined): Messages {
  if (shape === '1k') return answerBytes === undefined ? plain(captured.ids, 300) : plain(captured.ids, answerBytes);
  const request = captured.request.map((text) => Buffer.from(text, 'hex'));
  const response = captured.response.map((text) => Buffer.from(text, 'hex'));
  const length = answerBytes ?? { envoy: undefined, '16k': 16 * 1024, '256k': 256 * 1024 }[shape];
  const [head = Buffer.alloc(0)] = response;
  const end = response.at(-1) ?? head;
  return { request, response: length === undefined ? response : [head, ...chunks(length), end] };
}

/** As Envoy sends an exchange when it is asked for nothing but heads and bodies. */
function plain(ids: Captured['ids'], answerBytes: number): Messages {
  const traceparent = `00-${ids.trace}-${ids.span}-01`;
  return {
    request: [
      requestHeaders({
        ':authority': 'orders.shop',
        ':path': `/orders/${ids.order}`,
        ':method': 'POST',
        ':scheme': 'http',
        'content-type': 'application/json',
        'content-length': '300',
        traceparent,
        'x-request-id': ids.requestId,
      }),
      requestBody(Buffer.alloc(300, 'q'), { endOfStream: true }),
    ],
    response: [
      responseHeaders({ ':status': '200', 'content-type': 'application/json', date: 'Sun, 22 Nov 2026 16:00:41 GMT' }),
      ...chunks(answerBytes - 50),
      responseBody(Buffer.alloc(50, 'r'), { endOfStream: true }),
    ],
  };
}

function chunks(bytes: number): readonly Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes / CHUNK) }, (_, index) =>
    responseBody(Buffer.alloc(Math.min(CHUNK, bytes - index * CHUNK), 'r')),
  );
}

/** Envoy gives each message DATA frames of its own. */
function framed(message: Uint8Array): Buffer[] {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  const bytes = Buffer.concat([prefix, message]);
  return Array.from({ length: Math.ceil(bytes.length / MAX_FRAME) }, (_, index) =>
    frame(FrameType.data, 0, 0, bytes.subarray(index * MAX_FRAME, (index + 1) * MAX_FRAME)),
  );
}

const STREAM = 0;
const HEX = 1;

interface Patch {
  readonly at: number;
  readonly kind: typeof STREAM | typeof HEX;
  /** Which of the call's random digits, and how many. */
  readonly from: number;
  readonly count: number;
}

function phase(bytes: Buffer, ids: Captured['ids']): Buffer {
  const patches = [...streamPatches(bytes), ...idPatches(bytes, ids)];
  const written = patches.map(({ at, kind, from, count }) => Buffer.concat([at, kind, from, count].map(u32)));
  return Buffer.concat([u32(bytes.length), u32(patches.length), ...written, bytes]);
}

function streamPatches(bytes: Buffer): readonly Patch[] {
  const patches: Patch[] = [];
  for (let at = 0; at < bytes.length; at += 9 + bytes.readUIntBE(at, 3))
    patches.push({ at: at + STREAM_AT, kind: STREAM, from: 0, count: 4 });
  return patches;
}

/** Digits 0-31 are the trace, 32-47 the span, 48-79 the request id without its dashes, 80-87 the order. */
function idPatches(bytes: Buffer, { trace, span, requestId, order }: Captured['ids']): readonly Patch[] {
  const patches: Patch[] = [];
  const find = (before: string, id: string, from: number): void => {
    const text = before + id;
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
      let digit = from;
      for (let index = before.length; index < text.length; index++)
        if (text[index] !== '-') patches.push({ at: at + index, kind: HEX, from: digit++, count: 1 });
    }
  };
  find('', trace, 0);
  find('-', span, 32);
  find('', requestId, 48);
  find('/orders/', order, 80);
  return together(patches);
}

/** Digits that follow each other are written at once. */
function together(patches: readonly Patch[]): readonly Patch[] {
  const joined: Patch[] = [];
  for (const patch of patches) {
    const last = joined.at(-1);
    if (last !== undefined && last.at + last.count === patch.at && last.from + last.count === patch.from)
      joined.splice(-1, 1, { ...last, count: last.count + 1 });
    else joined.push(patch);
  }
  return joined;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
