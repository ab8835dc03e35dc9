/**
 * Gives the memory of a chunk back that nobody reads any more, if it has its memory to itself. Node puts every read into memory of its own outside
 * the heap, and V8 begins a whole collection whenever some tens of MB of such have come together: with bodies of 16 KB that was one and a half a
 * second, and half of what recording them cost. docs/decisions/0015-spent-chunks.md
 */
export function letGo({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && byteLength > 0 && buffer.byteLength === byteLength) buffer.transfer(0);
}
