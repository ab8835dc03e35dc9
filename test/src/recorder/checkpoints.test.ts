import { describe, expect, it } from 'vitest';
import { Checkpoints } from '../../../src/recorder/checkpoints.ts';
import type { State } from '../../../src/recorder/checkpoints.ts';
import { trackConversation } from '../../../src/recorder/conversations.ts';
import { Instances } from '../../../src/recorder/instances.ts';
import { NOWHERE, Ring } from '../../../src/recorder/ring.ts';
import { createPostgresTracker } from '../../../src/wire/postgres/tracker.ts';
import { requestBody, responseBody } from '../../support/extproc.ts';
import {
  client,
  close,
  closeComplete,
  complete,
  handshake,
  parse,
  parseComplete,
  query,
  ready,
  row,
  server,
  sync,
} from '../../support/postgres-wire.ts';
import type { Sent } from '../../support/postgres-wire.ts';

const instance = new Instances().acquire({ service: 'carts', instance: 'carts-1', direction: 'outbound' }, 0);

function prepares(name: string): readonly Sent[] {
  return [client(parse(`select '${name}'`, name), sync), server(parseComplete, ready())];
}

function closes(name: string): readonly Sent[] {
  return [client(close('statement', name), sync), server(closeComplete, ready())];
}

const selects = [client(query('select 1')), server(row('1'), complete('SELECT 1'), ready())];

/** A connection in a ring, with the state a tracker knew just before each of its segments. */
class Connection {
  readonly conversation = trackConversation('postgres', instance);
  readonly ring: Ring;
  readonly checkpoints: Checkpoints;
  readonly before: { readonly position: number; readonly state: State }[] = [];
  readonly #tracker = createPostgresTracker();
  #sequence = 0;
  #newest = NOWHERE;

  constructor(ringBytes: number) {
    this.ring = new Ring(ringBytes, () => undefined);
    this.checkpoints = new Checkpoints(this.ring);
  }

  pass(...sent: readonly Sent[]): void {
    for (const { side, bytes } of sent) {
      const state = this.#tracker.state();
      this.#tracker.bytes(side, bytes);
      const anchor = this.conversation.tracker?.bytes(side, bytes) ?? false;
      const payload = side === 'client' ? requestBody(bytes) : responseBody(bytes);
      this.#newest = this.ring.append(
        { kind: 'message', stream: 1, sequence: this.#sequence, at: 0, flags: 0, openInbound: 0, owner: 0, payload },
        this.#newest,
        0,
      );
      if (anchor) this.before.push({ position: this.#newest, state });
      if (anchor) this.checkpoints.note(this.conversation, this.#newest, this.#sequence);
      this.conversation.begun = true;
      this.#sequence += 1;
    }
  }

  textAt(position: number): string {
    return textOf(this.checkpoints.stateAt(this.conversation, position));
  }
}

function textOf(state: State): string {
  return state.map(({ side, bytes }) => `${side} ${Buffer.from(bytes).toString('latin1')}`).join('\n');
}

describe('the state of a connection at an anchor in the past', () => {
  it('is what it was then, whatever was prepared and closed since', () => {
    const connection = new Connection(1024 * 1024);
    connection.pass(
      ...handshake,
      ...prepares('one'),
      ...prepares('two'),
      ...selects,
      ...closes('one'),
      ...prepares('three'),
      ...selects,
    );
    expect(connection.conversation.checkpoints).toHaveLength(1);
    expect(connection.before).toHaveLength(7);
    for (const { position, state } of connection.before) expect(connection.textAt(position)).toBe(textOf(state));
    expect(connection.textAt(connection.before[3]?.position ?? 0)).toContain("select 'one'");
    expect(connection.textAt(connection.before[6]?.position ?? 0)).not.toContain("select 'one'");
  });

  it('is known as far back as the ring reaches, from notes taken a few times a lap', () => {
    const connection = new Connection(32 * 1024);
    connection.pass(...handshake, ...prepares('kept'));
    for (let index = 0; index < 300; index++)
      connection.pass(...prepares(`p${index}`), ...selects, ...closes(`p${index}`));
    const held = connection.before.filter(({ position }) => connection.ring.has(position));
    // The oldest anchors lie before the oldest note that is still there.
    const [oldest] = connection.conversation.checkpoints.filter(({ position }) => connection.ring.has(position));
    const known = held.filter(({ position }) => position >= (oldest?.position ?? 0));
    expect(known.length).toBeGreaterThan(held.length * 0.8);
    for (const { position, state } of known) expect(connection.textAt(position)).toBe(textOf(state));
    expect(connection.conversation.checkpoints.length).toBeLessThanOrEqual(18);
  });

  it('is the state of now where nothing was noted early enough', () => {
    const connection = new Connection(1024 * 1024);
    connection.pass(...handshake, ...prepares('one'), ...selects);
    connection.conversation.checkpoints.length = 0;
    expect(connection.textAt(connection.before[1]?.position ?? 0)).toContain("select 'one'");
  });
});
