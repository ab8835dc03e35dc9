import type { StreamMessage } from '../stream.ts';

/** What a message would be called if it were a body: text is JSON where it looks like it. */
export function contentTypeOf({ kind, bytes }: Pick<StreamMessage, 'kind' | 'bytes'>): string {
  if (kind !== 'text' && kind !== 'close') return 'application/octet-stream';
  return /^\s*[[{]/.test(Buffer.from(bytes.subarray(0, 64)).toString('latin1')) ? 'application/json' : 'text/plain';
}
