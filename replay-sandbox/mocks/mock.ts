import type { Socket } from 'node:net';
import type { Awaited } from '../match/order.ts';

/** What the service dialled: the recorded name that DNS gave this address to, or the bare address. */
export interface Dialled {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/**
 * Answers connections in one protocol from the recording. Fails closed: a question without a recorded answer gets the protocol's own
 * error and a `missed` call in the log, never bytes from anywhere else.
 */
export interface Mock {
  readonly protocol: string;
  /** Takes the connection over; owns it until it closes. Never throws: a broken peer only loses its own connection. */
  serve(socket: Socket, dialled: Dialled): void;
  /** Recorded answers nothing asked for, one line each. */
  unused(): readonly string[];
  /** The same with their ids and times, where a mock knows them. */
  unasked?(): readonly Awaited[];
  /** The replay is over: calls that go on, as streams do, are told as far as they came. */
  settle?(): void;
}
