import type { Readable } from 'node:stream';

/** A request body beyond this is refused, bytes. */
const BODY_LIMIT = 64 * 1024 * 1024;

/** The whole body; `too-large` for one beyond the limit, undefined when the service gave up in the middle of its own request. */
export async function readBody(request: Readable): Promise<Uint8Array | 'too-large' | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // `request` stays open after the loop: the answer goes out on the same stream.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > BODY_LIMIT) return 'too-large';
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}
