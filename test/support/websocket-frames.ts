/** Frames as a transcript: `text "hi"`, `ping ""`, `text+ "he"` for the first of several, `close 1000 "bye"`. */
import type { StreamMessage } from '../../src/wire/stream.ts';
import { writeClose } from '../../src/wire/websocket/close.ts';
import type { Opcode, WebSocketFrame } from '../../src/wire/websocket/framing.ts';
import { encodeFrame } from '../../src/wire/websocket/framing.ts';

export const MASK: Uint8Array = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);

export function frame(
  opcode: Opcode,
  content: string | Uint8Array = '',
  more: Partial<WebSocketFrame> = {},
): WebSocketFrame {
  return { opcode, fin: true, compressed: false, bytes: Buffer.from(content), ...more };
}

export function closeFrame(code: number, reason = ''): WebSocketFrame {
  return frame('close', writeClose({ code, reason }));
}

export function framed(frames: readonly WebSocketFrame[], mask?: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat(frames.map((one) => encodeFrame(one, mask))));
}

/** Messages as lines. */
export function said(messages: readonly StreamMessage[]): readonly string[] {
  return messages.map(({ kind, bytes, code }) =>
    [kind, ...(code === undefined ? [] : [code]), Buffer.from(bytes).toString()].join(' ').trimEnd(),
  );
}
