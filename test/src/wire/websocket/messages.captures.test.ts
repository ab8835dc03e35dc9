/** What drivers and a server really said to one another: whole, byte by byte, with trailing bytes, and changed. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { WebSocketEncoder } from '../../../../src/wire/websocket/encode.ts';
import { agreedDeflate } from '../../../../src/wire/websocket/deflate.ts';
import { WebSocketReader } from '../../../../src/wire/websocket/messages.ts';
import { Random } from '../../../support/fuzz/random.ts';
import { MASK, said } from '../../../support/websocket-frames.ts';

interface Capture {
  readonly sockets: readonly {
    readonly path: string;
    readonly extensions?: string;
    readonly said: readonly (readonly ['client' | 'server', string])[];
  }[];
}

interface OneSide {
  readonly name: string;
  readonly side: 'client' | 'server';
  readonly extensions: string | undefined;
  readonly chunks: readonly Uint8Array[];
}

const DRIVERS = ['ws', 'undici', 'python-websockets'];

const SIDES: readonly OneSide[] = DRIVERS.flatMap((driver) => {
  const file = new URL(`../../../fixtures/websocket/${driver}.json`, import.meta.url);
  const { sockets } = JSON.parse(readFileSync(file, 'utf8')) as Capture;
  return sockets.flatMap(({ path, extensions, said: all }) =>
    (['client', 'server'] as const).map((side) => ({
      name: `${driver} ${path}, ${side}`,
      side,
      extensions,
      chunks: all.flatMap(([who, text]) => (who === side ? [new Uint8Array(Buffer.from(text, 'base64'))] : [])),
    })),
  );
});

function readerOf({ side, extensions }: OneSide): WebSocketReader {
  return new WebSocketReader({ side, deflate: agreedDeflate(extensions)?.[side], maxBytes: 1e6, maxTotalBytes: 4e6 });
}

function read(one: OneSide, chunks = one.chunks) {
  const reader = readerOf(one);
  const messages = chunks.flatMap((chunk) => reader.push(chunk, 0));
  const rest = reader.end();
  return { messages, lines: said(messages), fault: reader.fault, rest: rest.length };
}

describe.each(SIDES.map((one) => [one.name, one] as const))('%s', (_, one) => {
  const whole = new Uint8Array(Buffer.concat(one.chunks));
  const { lines, messages, fault } = read(one);
  it('as it came', () => {
    expect(fault).toBeUndefined();
    expect(lines.join('')).not.toContain('\ufffd\ufffd\ufffd');
  });
  it('whole, and byte by byte', () => {
    expect(read(one, [whole]).lines).toEqual(lines);
    expect(
      read(
        one,
        Array.from(whole, (byte) => Uint8Array.of(byte)),
      ).lines,
    ).toEqual(lines);
  });
  it('with trailing bytes', () => expect(read(one, [whole, Uint8Array.of(0x81)]).lines).toEqual(lines));
  it('written again, packed and plain', () => {
    for (const deflate of [undefined, { noContext: false, bits: 15 }]) {
      const encoder = new WebSocketEncoder({ deflate, ...(one.side === 'client' && { mask: () => MASK }) });
      const again = messages.map((message) => encoder.encode(message) ?? new Uint8Array(0));
      const reader = new WebSocketReader({ side: one.side, deflate });
      expect(said(again.flatMap((bytes) => reader.push(bytes, 0)))).toEqual(lines);
    }
  });
});

it('changed in any way, they are read or are a fault', () => {
  const count = Number(process.env['LOOP_MUTATIONS'] ?? 4000);
  const random = new Random(7);
  let faults = 0;
  for (let turn = 0; turn < count; turn += 1) {
    const one = SIDES[turn % SIDES.length];
    if (one === undefined) continue;
    const bytes = Uint8Array.from(Buffer.concat(one.chunks));
    for (let change = 0; change <= turn % 4 && bytes.length > 0; change += 1)
      bytes[random.below(bytes.length)] = random.below(256);
    const cut = random.below(bytes.length + 1);
    const found = read(one, [bytes.subarray(0, cut), bytes.subarray(cut)]);
    expect(found.messages.length).toBeLessThanOrEqual(bytes.length);
    if (found.fault !== undefined) faults += 1;
  }
  expect(faults).toBeGreaterThan(count / 20);
});
