/**
 * From the first byte to the first ReadyForQuery: encryption, authentication, parameters. Whoever asks gets in; where a password is known,
 * the client is let prove it and is shown that the server has it too, because some clients insist on that.
 *
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-START-UP
 */
import { Reader, concat, text } from '../../../../src/wire/bytes.ts';
import { encodeBackend } from '../../../../src/wire/postgres/backend.ts';
import type { Frontend } from '../../../../src/wire/postgres/frontend.ts';
import { BOUND_MECHANISM, PLAIN_MECHANISM, ScramExchange, type Passwords, type Reply } from './scram.ts';
import { fatalResponse, sessionParameters, welcome, type Startup } from '../handshake.ts';

export interface LoginOptions {
  /** As the recorded server told them. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Stand for this connection in BackendKeyData. */
  readonly process: number;
  readonly secret: Uint8Array;
  /** Answer SSLRequest with yes. */
  readonly encrypts: boolean;
  /** Asked for by SCRAM; without any, whoever comes gets in. */
  readonly passwords?: Passwords | undefined;
  readonly nonce?: () => string;
  /** Told when a client has a password that is none of ours: it gets in, unless it minds. */
  readonly strange?: () => void;
}

/** `next`: what else to do after the messages are sent. */
export interface LoginStep {
  readonly messages: readonly Uint8Array[];
  readonly next: 'go-on' | 'encrypt' | 'close' | 'welcome';
}

const SASL = 10;
const SASL_CONTINUE = 11;
const SASL_FINAL = 12;
const REPLICATION = /^(?:true|on|yes|1|database)$/i;

export class Login {
  readonly #options: LoginOptions;
  #startup: Startup | undefined;
  #exchange: ScramExchange | undefined;
  #began = false;
  #told: ReadonlyMap<string, string> = new Map();
  #binding: Uint8Array | undefined;

  constructor(options: LoginOptions) {
    this.#options = options;
  }

  /** Parameters as the client was told them; none before it is let in. */
  get told(): ReadonlyMap<string, string> {
    return this.#told;
  }

  /** The connection is encrypted from here on. `binding`: the hash of the certificate shown. */
  encrypted(binding: Uint8Array | undefined): void {
    this.#binding = binding;
  }

  /** Undefined: the message means nothing before the client is let in. */
  handle(message: Frontend): LoginStep | undefined {
    if (message.kind === 'startup') return this.#begin(message);
    if (message.kind === 'password') return this.#exchange && this.#prove(this.#exchange, message.data);
    if (message.kind !== 'ssl' && message.kind !== 'gss') return undefined;
    const encrypt = message.kind === 'ssl' && this.#options.encrypts && this.#binding === undefined;
    return encrypt
      ? { messages: [Buffer.from('S')], next: 'encrypt' }
      : { messages: [Buffer.from('N')], next: 'go-on' };
  }

  #begin(startup: Startup): LoginStep {
    this.#startup = startup;
    const replication = startup.parameters.find(([name]) => name === 'replication')?.[1] ?? '';
    if (REPLICATION.test(replication)) return refuse('0A000', 'loop replay: replication connections are not replayed');
    const { passwords, nonce } = this.#options;
    if (passwords === undefined || nonce === undefined) return this.#letIn(startup);
    this.#exchange = new ScramExchange({ passwords, nonce: nonce(), binding: this.#binding });
    const mechanisms = this.#binding === undefined ? [PLAIN_MECHANISM] : [BOUND_MECHANISM, PLAIN_MECHANISM];
    return goOn(SASL, concat([...mechanisms.map(text), Uint8Array.of(0)]));
  }

  /** SASLInitialResponse: String mechanism, Int32 length, bytes. SASLResponse: bytes. */
  #prove(exchange: ScramExchange, data: Uint8Array): LoginStep {
    if (this.#began) return this.#proven(exchange.final(data));
    this.#began = true;
    const reader = new Reader(data);
    const mechanism = reader.text();
    const first = reader.take(reader.int32());
    if (!reader.done || (mechanism !== PLAIN_MECHANISM && mechanism !== BOUND_MECHANISM))
      return refuse('28000', 'client selected an invalid SASL authentication mechanism');
    const reply = exchange.first(first);
    return reply.kind === 'said' ? goOn(SASL_CONTINUE, reply.data) : this.#proven(reply);
  }

  #proven(reply: Reply): LoginStep {
    if (reply.kind === 'fault') return refuse('08P01', reply.why);
    if (reply.kind === 'refused') this.#options.strange?.();
    const startup = this.#startup ?? { version: 0x30000, parameters: [] };
    const step = this.#letIn(startup);
    return reply.kind === 'said'
      ? { ...step, messages: [authentication(SASL_FINAL, reply.data), ...step.messages] }
      : step;
  }

  #letIn(startup: Startup): LoginStep {
    const { parameters, process, secret } = this.#options;
    this.#told = sessionParameters(startup, parameters);
    return { messages: welcome(startup, this.#told, { process, secret }), next: 'welcome' };
  }
}

function goOn(code: number, data: Uint8Array): LoginStep {
  return { messages: [authentication(code, data)], next: 'go-on' };
}

function authentication(code: number, data: Uint8Array): Uint8Array {
  return encodeBackend({ kind: 'authentication', code, data });
}

function refuse(code: string, message: string): LoginStep {
  return { messages: [fatalResponse(code, message)], next: 'close' };
}
