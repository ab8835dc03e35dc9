import type { Command, Conversation } from '../domain/conversation.ts';

/**
 * What a database or broker protocol gives to capture and assembly. One folder per protocol implements it; `protocols.ts` lists them.
 * Sans-io: bytes in, values out; "need more bytes" is a value; bytes of an unknown or broken peer never throw.
 */
export interface ConversationProtocol {
  readonly name: string;
  /** Follows a live connection just closely enough to find anchors and to pin state. Runs on the ingest thread. */
  createTracker(): ConversationTracker;
  /** Cuts a recorded conversation into questions and answers, oldest first. */
  decodeCommands(conversation: Conversation): readonly Command[];
  /** Values that a command asked with, and values that it was answered, as text: where a protocol has such. */
  asked?(command: Command): readonly NamedValue[];
  answered?(command: Command): readonly NamedValue[];
  /**
   * What a command does to the block on its connection that nobody else's commands can stand in (BEGIN … COMMIT, MULTI … EXEC). Undefined: nothing.
   */
  block?(command: Command): 'opens' | 'closes' | undefined;
}

export interface NamedValue {
  /** Of a column or field; a word for what it is where it has none. */
  readonly name: string;
  readonly value: string;
}

export interface ConversationTracker {
  /**
   * Takes the next bytes of one side. True when decoding can start at these bytes: before them, both sides stood at a message
   * boundary and nothing was pending. `chunk` is only valid during the call.
   */
  bytes(side: 'client' | 'server', chunk: Uint8Array): boolean;
  /** Answers that have come to their end so far. */
  answers(): number;
  /** Commands that the server has answered with an error so far, as far as they were seen; a few more at most. */
  errors(): number;
  /** Bytes were lost: nothing is known until the next place that can be recognised. */
  gap(): void;
  /** Protocol bytes that bring a codec from a fresh connection to now: start-up, parameters, prepared statements. Bounded. */
  state(): readonly { readonly side: 'client' | 'server'; readonly bytes: Uint8Array }[];
}
