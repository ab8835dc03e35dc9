/** What both ways of holding records are asked for. Exchanges are numbered from 1, as they begin. */
export interface Store {
  readonly name: string;
  append(exchange: number, payload: Uint8Array): void;
  /** It went well: its records may go, once they are the oldest. */
  toss(exchange: number): void;
  /** Age of what was taken last, in exchanges. */
  readonly history: number;
  /** Records that were wanted and had to go. */
  readonly lost: number;
  /** All that is taken, with what stands beside the records. */
  readonly bytes: number;
}

/** Beside the bytes of a record that has a buffer of its own: the buffer's object, its view, and its place in a list. */
export const OBJECT_BYTES = 200;
