/** A chunk as a socket of the sink lends it: in memory of its own, which is taken back when it was read. */
export function lent(bytes: Uint8Array): Buffer<ArrayBuffer> {
  return Buffer.from(Uint8Array.from(bytes).buffer);
}

/** Whatever is still a view of it is empty from here on, and throws where one looks for a part of it. */
export function takeBack({ buffer }: Buffer<ArrayBuffer>): void {
  buffer.transfer(0);
}
