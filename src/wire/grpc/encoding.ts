/** Compression of single messages, named by `grpc-encoding`. https://github.com/grpc/grpc/blob/master/doc/compression.md */
import { gunzipSync, inflateSync } from 'node:zlib';
import type { GrpcFrame } from './framing.ts';

/** `bad-encoding`: not what the header names, or a name nobody here knows. `too-large`: it grows beyond the limit. */
export type EncodingFault = 'bad-encoding' | 'too-large';

type Inflate = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;

const DECODERS: ReadonlyMap<string, Inflate> = new Map<string, Inflate>([
  ['gzip', gunzipSync],
  ['deflate', inflateSync],
]);

/** The message as the application wrote it. `encoding` is the value of `grpc-encoding`; a message without the flag is never compressed. */
export function decodeGrpcFrame(
  { compressed, bytes }: GrpcFrame,
  encoding: string | undefined,
  maxBytes: number,
): Uint8Array | EncodingFault {
  const name = (encoding ?? 'identity').trim().toLowerCase();
  if (!compressed || name === 'identity') return bytes.length > maxBytes ? 'too-large' : bytes;
  const inflate = DECODERS.get(name);
  if (inflate === undefined) return 'bad-encoding';
  try {
    return inflate(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    const large = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return large ? 'too-large' : 'bad-encoding';
  }
}
