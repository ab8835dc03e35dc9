/** One call between two real services, as it was heard on its way. */
import type { Header } from '../../src/domain/exchange.ts';
import { header } from '../../src/domain/exchange.ts';
import type { Answer } from '../compare/answer.ts';
import type { Asked } from '../mocks/http/peers.ts';

/** What is kept of a body: beyond it nothing is compared. */
const BODY_KEPT = 4 * 1024 * 1024;

export interface Heard {
  readonly asked: Asked;
  readonly answer: Answer;
  /** Of its answer. */
  readonly ended: 'whole' | 'broken' | 'open';
  /** Why it broke, where that is known: a sentence. */
  readonly why?: string | undefined;
}

export class HeardCall {
  readonly #tell: (heard: Heard) => void;
  readonly #whole: (asked: Asked) => void;
  readonly #question = new Body();
  readonly #body = new Body();
  #asked: readonly Header[] = [];
  #answered: readonly Header[] = [];
  #trailers: readonly Header[] = [];
  #isWhole = false;
  #isTold = false;

  /** `tell` is called once; `whole` at most once, before it, when the question is whole. */
  constructor(tell: (heard: Heard) => void, whole: (asked: Asked) => void = () => undefined) {
    this.#tell = tell;
    this.#whole = whole;
  }

  get method(): string {
    return header(this.#asked, ':method') ?? 'GET';
  }

  /** With `:method` and `:path`. */
  asked(headers: readonly Header[]): void {
    this.#asked = headers;
  }

  askedBody(bytes: Uint8Array): void {
    this.#question.add(bytes);
  }

  /** The question is whole. */
  askedWhole(): void {
    if (this.#isWhole || this.#isTold) return;
    this.#isWhole = true;
    this.#whole(this.#asking());
  }

  /** With `:status`. */
  answered(headers: readonly Header[]): void {
    this.#answered = headers;
  }

  answeredBody(bytes: Uint8Array): void {
    this.#body.add(bytes);
  }

  trailed(trailers: readonly Header[]): void {
    this.#trailers = trailers;
  }

  /** It is answered whole. */
  over(): void {
    this.#end('whole');
  }

  /** Its answer ends before its end. */
  broken(why?: string): void {
    this.#end('broken', why);
  }

  /** The replay is over, and it is not. */
  settle(): void {
    this.#end('open');
  }

  #end(ended: Heard['ended'], why?: string): void {
    if (this.#isTold) return;
    this.#isTold = true;
    const status = header(this.#answered, ':status');
    const headers = this.#answered.filter(({ name }) => !name.startsWith(':'));
    this.#tell({
      ended,
      ...(why !== undefined && { why }),
      asked: this.#asking(),
      answer: {
        status: status === undefined ? undefined : Number(status),
        headers,
        trailers: this.#trailers,
        body: this.#body.bytes(),
        ...(this.#body.isCut && { cut: true }),
      },
    });
  }

  #asking(): Asked {
    const target = header(this.#asked, ':path') ?? '/';
    return { method: this.method, target, headers: this.#asked, body: this.#question.bytes() };
  }
}

class Body {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  get isCut(): boolean {
    return this.#length > BODY_KEPT;
  }

  add(bytes: Uint8Array): void {
    const kept = bytes.subarray(0, Math.max(0, BODY_KEPT - this.#length));
    this.#length += bytes.length;
    // A copy: what is read along belongs to the connection.
    if (kept.length > 0) this.#chunks.push(Uint8Array.from(kept));
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#chunks);
  }
}
