/** The messages in a whole or a broken-off body. */
import type { EncodingFault } from './encoding.ts';
import { decodeGrpcFrame } from './encoding.ts';
import type { FramingFault } from './framing.ts';
import { GrpcDeframer } from './framing.ts';

export interface GrpcMessages {
  /** Decompressed, in order, up to the fault if there is one. */
  readonly messages: readonly Uint8Array[];
  readonly fault?: FramingFault | EncodingFault | 'too-many';
}

/** Of one body: messages, and their bytes after decompression. */
const MAX_MESSAGES = 10_000;
const MAX_BYTES = 64 * 1024 * 1024;

/** `encoding` is the value of `grpc-encoding`. Never throws. */
export function readGrpcMessages(
  chunks: readonly Uint8Array[],
  encoding: string | undefined,
  maxBytes = MAX_BYTES,
): GrpcMessages {
  const deframer = new GrpcDeframer(maxBytes);
  const messages: Uint8Array[] = [];
  let left = maxBytes;
  for (const frame of chunks.flatMap((chunk) => deframer.push(chunk))) {
    if (messages.length === MAX_MESSAGES) return { messages, fault: 'too-many' };
    const message = decodeGrpcFrame(frame, encoding, left);
    if (typeof message === 'string') return { messages, fault: message };
    left -= message.length;
    messages.push(message);
  }
  deframer.end();
  return { messages, ...(deframer.fault !== undefined && { fault: deframer.fault }) };
}
