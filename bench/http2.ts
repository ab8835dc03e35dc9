// What src/wire/http2 alone costs: canned calls as a real sidecar encodes them, flat out, no socket and no recorder.
//   node bench/http2.ts [--json] [--quick]
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { StreamEvents } from '../src/wire/http2/connection.ts';
import { Http2Connection } from '../src/wire/http2/connection.ts';
import { DEFAULT_HTTP2_LIMITS } from '../src/wire/http2/limits.ts';
import { endAndReset, frame, FrameType, PREFACE } from '../test/support/http2-frames.ts';
import { median } from './load/numbers.ts';

const { values: asked } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } });
const ROUNDS = asked.quick === true ? 30 : 200;
const CALLS = 2000;
const MESSAGES = 5;
const MESSAGE_BYTES = 205;
const CHUNKS = [1024, 16_384, 65_536];

const captured = JSON.parse(readFileSync(new URL('./load/envoy-1.40.json', import.meta.url), 'utf8')) as {
  readonly firstBlock: string;
  readonly laterBlock: string;
};
const OK = Buffer.of(0x88);

/** A call of 1 KB in five messages, its end and its reset. */
function call(stream: number, block: string): Buffer {
  const message = Buffer.concat([Buffer.of(0, 0, 0, 0, MESSAGE_BYTES - 5), Buffer.alloc(MESSAGE_BYTES - 5, 'x')]);
  return Buffer.concat([
    frame(FrameType.headers, 4, stream, Buffer.from(block, 'hex')),
    ...Array.from({ length: MESSAGES }, () => frame(FrameType.data, 0, stream, message)),
    endAndReset(stream, 8),
  ]);
}

/** `inserting`: a block that is never the same, as with a trace of its own per call. */
function traffic(kind: 'repeated' | 'inserting'): Buffer {
  const blockOf = (index: number): string => {
    if (index === 0) return captured.firstBlock;
    if (kind === 'repeated') return captured.laterBlock;
    // Never the same traceparent: a literal that goes into the table, its name known by the static one.
    return `${captured.laterBlock.slice(0, 80)}86c6c5c4c3400b7472616365706172656e7437${Buffer.from(`00-${String(index).padStart(32, '0')}-0123456789abcdef-01`).toString('hex')}`;
  };
  const calls = Array.from({ length: CALLS }, (_, index) => call(2 * index + 1, blockOf(index)));
  return Buffer.concat([PREFACE, ...calls]);
}

let heardBytes = 0;

function round(bytes: Buffer, chunk: number): void {
  let opened = 0;
  const stream: StreamEvents = {
    data: (_, start, end) => void (heardBytes += end - start),
    ended: () => connection.respond(2 * opened - 1, OK, true),
    closed: () => undefined,
  };
  const opens = (): StreamEvents => {
    opened += 1;
    return stream;
  };
  const connection: Http2Connection = new Http2Connection({ opened: opens }, DEFAULT_HTTP2_LIMITS, () => 0);
  for (let at = 0; at < bytes.length; at += chunk) {
    connection.receive(bytes.subarray(at, at + chunk));
    connection.takeOutput();
  }
  if (opened !== CALLS || connection.openStreams !== 0 || connection.fault !== undefined)
    throw new Error(`${opened} of ${CALLS} calls were heard: ${connection.fault?.what ?? ''}`);
}

const rows = [];
for (const kind of ['repeated', 'inserting'] as const) {
  const bytes = traffic(kind);
  for (const chunk of CHUNKS) {
    const microseconds: number[] = [];
    for (let index = 0; index < ROUNDS; index += 1) {
      const before = process.cpuUsage();
      round(bytes, chunk);
      const { user, system } = process.cpuUsage(before);
      microseconds.push((user + system) / CALLS);
    }
    const row = { headers: kind, chunk, usPerCall: Number(median(microseconds).toFixed(2)) };
    rows.push(row);
    process.stderr.write(`${JSON.stringify(row)}\n`);
  }
}
if (asked.json === true)
  console.log(JSON.stringify({ messages: MESSAGES, bytes: MESSAGES * MESSAGE_BYTES, heardBytes, rows }));
