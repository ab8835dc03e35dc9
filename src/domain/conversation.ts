import type { Peer, Vantage } from './exchange.ts';
import type { StreamId } from './ids.ts';
import type { Gap } from './segment.ts';

/** Raw bytes of one side of a connection that arrived together. */
export interface Bytes {
  readonly side: 'client' | 'server';
  readonly at: number;
  readonly bytes: Uint8Array;
  /** Inbound exchanges open at the instance when they arrived. */
  readonly openInbound: number;
  /** Bytes of this side are missing just before these: nothing can be decoded until the next anchor. */
  readonly lostBefore?: boolean;
  /** When exactly one was open: that exchange. */
  readonly owner?: StreamId;
  /** Decoding may start here afresh: whatever seemed pending before lies in a part that was not kept. */
  readonly anchor?: boolean;
}

/** One TCP connection to a database or broker, both directions, as far as the recording holds it. */
export interface Conversation {
  readonly kind: 'conversation';
  readonly id: StreamId;
  readonly vantage: Vantage;
  readonly peer: Peer;
  /** `postgres`, `redis`, …, or `tcp` when nothing named it. */
  readonly protocol: string;
  /** State from before the recording (start-up parameters, prepared statements), in the order to be replayed to a codec. */
  readonly state: readonly Bytes[];
  readonly bytes: readonly Bytes[];
  readonly startedAt: number;
  readonly endedAt: number;
  /** Set when Envoy could not connect: the status and flags of its refusal, e.g. `503 UF`. */
  readonly refused?: string;
  /** How it ended, as far as the access log told: `UC` the server broke it off, `DR` the client; empty when both ends closed it. */
  readonly flags?: readonly string[];
  readonly gaps: readonly Gap[];
}

/** A failure a database or broker answered with. */
export interface CommandError {
  /** The protocol's own code: SQLSTATE, `WRONGTYPE`, … */
  readonly code: string;
  readonly message: string;
}

/**
 * How a command came to its transaction. `propagated`: it carried trace context. `exclusive`: the one inbound exchange open at the
 * instance was the transaction's own. `candidate`: several were open, or none; it may belong to another. Candidates never cause a verdict and never grade exact.
 */
export type Attribution = 'propagated' | 'exclusive' | 'candidate';

/** A protocol message that nobody had asked for when it came. */
export interface Pushed {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** One question and its answer inside a conversation. */
export interface Command {
  readonly kind: 'command';
  /** `<conversation>/<ordinal>` */
  readonly id: string;
  readonly conversation: StreamId;
  readonly protocol: string;
  readonly vantage: Vantage;
  readonly peer: Peer;
  /** One line for people: the statement with whitespace folded. */
  readonly summary: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Protocol messages of the question and of the answer, whole, in order. */
  readonly request: readonly Uint8Array[];
  readonly response: readonly Uint8Array[];
  readonly error?: CommandError;
  /** Values bound to the parameters of the statement, in order, as text; null is the protocol's own. Absent when it takes none. */
  readonly parameters?: readonly (string | null)[];
  /** Rows or items in the answer, where the protocol counts them. */
  readonly rows?: number;
  /** What the server sent later and unasked because of this command, with its times: messages of a subscription, notifications. */
  readonly pushed?: readonly Pushed[];
  /** The recording holds the beginning of the answer only: there was no room for the rest, or it was lost. */
  readonly cut?: boolean;
  /** Of its first byte. */
  readonly openInbound: number;
  readonly owner?: StreamId;
}
