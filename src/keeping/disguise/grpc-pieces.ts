/** The pieces of a gRPC body cut anew: each message whole, in the piece in which it was. Replays of a stream need the times. */

/** Flag and length: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests */
const HEAD = 5;

/** As many pieces as there were, of the same bytes. Half a message, and what follows a fault, is in the last. */
export function wholeMessages(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  const body = Buffer.concat(pieces);
  let came = 0;
  let cut = 0;
  return pieces.map((piece, index) => {
    came += piece.length;
    const end = index === pieces.length - 1 ? body.length : lastEnd(body.subarray(0, came), cut);
    const whole = body.subarray(cut, end);
    cut = end;
    return whole;
  });
}

/** Where the last message that is whole ends. */
function lastEnd(body: Buffer, from: number): number {
  let end = from;
  while (end + HEAD <= body.length && (body[end] ?? 0) <= 1) {
    const next = end + HEAD + body.readUInt32BE(end + 1);
    if (next > body.length) break;
    end = next;
  }
  return end;
}
