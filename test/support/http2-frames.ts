/** HTTP/2 frames by hand, for peers that no HTTP/2 library would be: https://www.rfc-editor.org/rfc/rfc9113#section-4.1 */
export const FrameType = { data: 0, headers: 1, resetStream: 3, settings: 4, continuation: 9 } as const;
export const Flag = { endStream: 1, endHeaders: 4 } as const;

const MAX_FRAME = 16_384;

export const PREFACE = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  frame(FrameType.settings, 0, 0),
]);

export function frame(type: number, flags: number, stream: number, payload: Uint8Array = new Uint8Array(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** HEADERS and as many CONTINUATIONs as it takes. */
export function headersFrames(stream: number, headers: Readonly<Record<string, string>>): Buffer[] {
  const block = headerBlock(headers);
  const count = Math.max(1, Math.ceil(block.length / MAX_FRAME));
  return Array.from({ length: count }, (_, index) => {
    const type = index === 0 ? FrameType.headers : FrameType.continuation;
    return frame(
      type,
      index === count - 1 ? Flag.endHeaders : 0,
      stream,
      block.subarray(index * MAX_FRAME, (index + 1) * MAX_FRAME),
    );
  });
}

export function dataFrames(stream: number, bytes: Uint8Array): Buffer[] {
  const count = Math.max(1, Math.ceil(bytes.length / MAX_FRAME));
  return Array.from({ length: count }, (_, index) =>
    frame(FrameType.data, 0, stream, bytes.subarray(index * MAX_FRAME, (index + 1) * MAX_FRAME)),
  );
}

export function endAndReset(stream: number, code = 2): Buffer {
  return Buffer.concat([
    frame(FrameType.data, Flag.endStream, stream),
    frame(FrameType.resetStream, 0, stream, Buffer.of(0, 0, 0, code)),
  ]);
}

/** HPACK literals without indexing and without Huffman: https://www.rfc-editor.org/rfc/rfc7541#section-6.2.2 */
function headerBlock(headers: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(
    Object.entries(headers).flatMap(([name, value]) => [Buffer.of(0), hpackText(name), hpackText(value)]),
  );
}

function hpackText(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < 127) return Buffer.concat([Buffer.of(bytes.length), bytes]);
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}
