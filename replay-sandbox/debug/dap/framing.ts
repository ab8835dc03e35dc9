/**
 * Messages of the Debug Adapter Protocol: `Content-Length: N`, an empty line, N bytes of JSON.
 * https://microsoft.github.io/debug-adapter-protocol/overview#base-protocol
 */

export type DapFault = 'bad-header' | 'too-large' | 'bad-json';

const LONGEST_HEAD = 1024;
const LARGEST_BODY = 64 * 1024 * 1024;
const HEAD_END = '\r\n\r\n';

export function encodeDap(message: Readonly<Record<string, unknown>>): Uint8Array {
  const body = Buffer.from(JSON.stringify(message), 'utf8');
  return Buffer.concat([Buffer.from(`Content-Length: ${body.length}${HEAD_END}`, 'latin1'), body]);
}

/** Fed with bytes of one side as they come. After a fault nothing more comes out of it. */
export class DapDeframer {
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Bytes of head and body of the message that is coming, once its head is there. */
  #message: { readonly head: number; readonly body: number } | undefined;
  fault: DapFault | undefined = undefined;

  /** What these bytes complete, as parsed JSON. */
  push(bytes: Uint8Array): readonly unknown[] {
    if (this.fault !== undefined) return [];
    this.#pending.push(Buffer.from(bytes));
    this.#pendingBytes += bytes.length;
    const messages: unknown[] = [];
    for (let next = this.#next(); next !== undefined; next = this.#next()) messages.push(next.value);
    return messages;
  }

  #next(): { readonly value: unknown } | undefined {
    this.#message ??= this.#readHead();
    if (this.fault !== undefined || this.#message === undefined) return undefined;
    const { head, body } = this.#message;
    if (this.#pendingBytes < head + body) return undefined;
    const whole = this.#gather();
    this.#pending = [whole.subarray(head + body)];
    this.#pendingBytes -= head + body;
    this.#message = undefined;
    try {
      return { value: JSON.parse(whole.toString('utf8', head, head + body)) };
    } catch {
      this.fault = 'bad-json';
      return undefined;
    }
  }

  #readHead(): { readonly head: number; readonly body: number } | undefined {
    if (this.#pendingBytes === 0) return undefined;
    const text = this.#gather().toString('latin1', 0, LONGEST_HEAD);
    const end = text.indexOf(HEAD_END);
    if (end < 0) {
      if (text.length >= LONGEST_HEAD) this.fault = 'bad-header';
      return undefined;
    }
    const [, length] = /^Content-Length: *(\d{1,10}) *$/im.exec(text.slice(0, end)) ?? [];
    if (length === undefined) this.fault = 'bad-header';
    else if (Number(length) > LARGEST_BODY) this.fault = 'too-large';
    return { head: end + HEAD_END.length, body: Number(length) };
  }

  #gather(): Buffer {
    const [first] = this.#pending;
    if (this.#pending.length === 1 && first !== undefined) return first;
    const whole = Buffer.concat(this.#pending);
    this.#pending = [whole];
    return whole;
  }
}
