import type { Http2Call } from './call.ts';

/** Open calls of a connection. A list through the calls themselves: tens of thousands a second come and go. */
export class CallList {
  #first: Http2Call | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(call: Http2Call): void {
    call.next = this.#first;
    if (this.#first !== undefined) this.#first.previous = call;
    this.#first = call;
    this.#length += 1;
  }

  /** Only of what is in it. */
  delete(call: Http2Call): void {
    const { previous, next } = call;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    call.previous = undefined;
    call.next = undefined;
    this.#length -= 1;
  }

  /** `visit` may take the call it is given out of the list. */
  forEach(visit: (call: Http2Call) => void): void {
    for (let call = this.#first; call !== undefined;) {
      const { next } = call;
      visit(call);
      call = next;
    }
  }

  some(holds: (call: Http2Call) => boolean): boolean {
    for (let call = this.#first; call !== undefined; call = call.next) if (holds(call)) return true;
    return false;
  }
}
