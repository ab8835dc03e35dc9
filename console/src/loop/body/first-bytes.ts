export interface FirstBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** More followed, and was not read. */
  readonly cut: boolean;
}

/** Reads a stream up to `most` bytes, and ends it there. */
export async function readAtMost(stream: ReadableStream<Uint8Array> | null, most: number): Promise<FirstBytes> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = stream?.getReader();
  while (reader !== undefined && length <= most) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    length += value.length;
  }
  if (length > most) await reader?.cancel();
  const bytes = new Uint8Array(Math.min(length, most));
  let at = 0;
  for (const piece of pieces) {
    const fits = piece.subarray(0, bytes.length - at);
    bytes.set(fits, at);
    at += fits.length;
  }
  return { bytes, cut: length > most };
}
