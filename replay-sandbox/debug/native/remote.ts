/**
 * Packets of gdb's remote protocol, `$data#xx`, as far as they tell who runs: the first bytes of each.
 * https://sourceware.org/gdb/current/onlinedocs/gdb.html/Overview.html
 */

/** What of a packet is kept, bytes. */
const HEAD = 24;
const DOLLAR = 0x24;
const PERCENT = 0x25;
const HASH = 0x23;

/** Between packets stand acknowledgements and interrupts; inside one, `#` is escaped. It never throws. */
export class RemotePackets {
  readonly #packet: (head: string) => void;
  #inside = false;
  #head = '';

  /** `packet`: the first bytes of each, its sign ($, or % of a notification) first. */
  constructor(packet: (head: string) => void) {
    this.#packet = packet;
  }

  push(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === DOLLAR || (byte === PERCENT && !this.#inside)) {
        // A packet that begins anew was broken off: `$` is escaped inside, too.
        this.#inside = true;
        this.#head = String.fromCharCode(byte);
      } else if (this.#inside && byte === HASH) {
        this.#inside = false;
        this.#packet(this.#head);
      } else if (this.#inside && this.#head.length < HEAD) {
        this.#head += String.fromCharCode(byte);
      }
    }
  }
}
