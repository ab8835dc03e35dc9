/** Every database and broker that can be answered from a recording. A new protocol adds its folder and one line here. */
import type { Clock } from '../../src/domain/clock.ts';
import type { Conversation } from '../../src/domain/conversation.ts';
import type { Bindings } from '../match/bindings.ts';
import type { CallLog } from '../match/call.ts';
import type { CommandAnswer } from '../match/command.ts';
import type { AskedDisguise } from '../match/disguise.ts';
import type { Order } from '../match/order.ts';
import type { Dialled, Mock } from './mock.ts';
import type { Timers } from './stream/timers.ts';
import type { Authority } from './tls/authority.ts';
import type { Silences } from './tls/silences.ts';
import { postgresMock } from './postgres/mock.ts';
import { redisMock } from './redis/mock.ts';

export interface ConversationMockOptions {
  /** Recorded commands of this protocol, in recorded order, of any number of peers: each answers under its recorded name. */
  readonly answers: readonly CommandAnswer[];
  /** Of this protocol. They tell what each server said of itself at start-up. */
  readonly conversations: readonly Conversation[];
  readonly log: CallLog;
  readonly clock: Clock;
  /** By default this process's. */
  readonly timers?: Timers | undefined;
  /** False once the trigger has its answer: later calls cannot have affected it. */
  readonly matters: () => boolean;
  /** For clients that insist on encryption where the server's side begins it. */
  readonly authority?: Pick<Authority, 'contextFor'> | undefined;
  /** Told of a client that did not believe the sandbox's certificate, and how that was seen. */
  readonly untrusted?: ((peer: Dialled, how: string) => void) | undefined;
  readonly silences?: Silences | undefined;
  /** What the service may have for a password of this protocol, for clients that want to see that the server knows it. */
  readonly passwords?: readonly string[];
  /** What the service made anew; one for all peers of a replay. */
  readonly bindings?: Bindings | undefined;
  /** Holds answers until it is their turn. */
  readonly order?: Order | undefined;
  /** Of a recording without originals. */
  readonly disguise?: AskedDisguise | undefined;
}

export interface ConversationMock {
  /** As in `src/wire/protocols.ts`. */
  readonly protocol: string;
  /** Where a peer listens that was recorded without a port. */
  readonly port: number;
  /** True when the client speaks first and may begin with a TLS handshake, which the router then takes off. */
  readonly clientFirst: boolean;
  create(options: ConversationMockOptions): Mock;
}

export const CONVERSATION_MOCKS: readonly ConversationMock[] = [postgresMock, redisMock];
