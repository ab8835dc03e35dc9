/**
 * The state of a connection at an anchor in the past. A tracker only knows the state of now, in which a statement may be gone that the
 * bytes to be copied still use. So now and then the state is noted, and the state at any later anchor is worked out, when it is asked
 * for, by a second tracker that follows the records in between. Costs nothing per segment.
 */
import { RECORD_HEADER_BYTES } from '../wire/segments/record.ts';
import { peekPayloadBytes } from '../wire/segments/peek.ts';
import { conversationProtocol } from '../wire/protocols.ts';
import type { ConversationTracker } from '../wire/protocol.ts';
import type { TrackedConversation } from './conversations.ts';
import { feed } from './following.ts';
import { Mark } from './ring.ts';
import type { Ring } from './ring.ts';

export type State = ReturnType<ConversationTracker['state']>;

/** The state just before the segment of this sequence, which was an anchor. */
export interface Checkpoint {
  readonly position: number;
  readonly sequence: number;
  readonly state: State;
}

/** Noted so often in a lap of the ring: what has to be followed again is at most a lap's sixteenth. */
const PER_LAP = 16;

export class Checkpoints {
  readonly #ring: Ring;

  constructor(ring: Ring) {
    this.#ring = ring;
  }

  /** Called at every anchor, after the tracker has seen its bytes. `needed`: what is before cannot be followed, so the state has to be noted here. */
  note(conversation: TrackedConversation, position: number, sequence: number, needed = false): void {
    const { checkpoints, tracker } = conversation;
    const last = checkpoints.at(-1);
    if (!needed && last !== undefined && position - last.position < this.#ring.capacity / PER_LAP) return;
    while (checkpoints[0] !== undefined && !this.#ring.has(checkpoints[0].position)) checkpoints.shift();
    // The tracker has the anchor's own bytes already. They are a question, which changes nothing before it is answered; or the very start.
    checkpoints.push({ position, sequence, state: conversation.begun ? (tracker?.state() ?? []) : [] });
  }

  /** The state before the record at `position`, an anchor of this conversation. */
  stateAt(conversation: TrackedConversation, position: number): State {
    const { checkpoints, tracker } = conversation;
    const sequence = this.#ring.sequenceOf(position);
    const from = checkpoints.findLast((checkpoint) => checkpoint.sequence <= sequence);
    if (from === undefined) return tracker?.state() ?? [];
    if (from.sequence === sequence) return from.state;
    return this.#follow(conversation, from, position) ?? tracker?.state() ?? [];
  }

  #follow(conversation: TrackedConversation, from: Checkpoint, until: number): State | undefined {
    const tracker = conversationProtocol(conversation.protocol)?.createTracker();
    if (tracker === undefined) return [];
    for (const { side, bytes } of from.state) tracker.bytes(side, bytes);
    let expected = from.sequence;
    for (const position of this.#between(from, until)) {
      if (this.#ring.sequenceOf(position) !== expected) tracker.gap();
      expected = this.#ring.sequenceOf(position) + 1;
      this.#feed(tracker, position);
    }
    return tracker.state();
  }

  /** Records from the checkpoint on and before `until`, oldest first. */
  #between(from: Checkpoint, until: number): readonly number[] {
    const positions: number[] = [];
    let position = this.#ring.previousOf(until);
    while (this.#ring.has(position) && this.#ring.sequenceOf(position) >= from.sequence) {
      positions.push(position);
      position = this.#ring.previousOf(position);
    }
    return positions.reverse();
  }

  #feed(tracker: ConversationTracker, position: number): void {
    const record = this.#ring.read(position);
    if (record === undefined || this.#ring.hasMark(position, Mark.head)) return;
    const length = peekPayloadBytes(new DataView(record.buffer, record.byteOffset, record.byteLength), 0);
    feed(tracker, record.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + length));
  }
}
