/** A debugger's connection to a Java VM: questions and their answers, and what the VM tells by itself. */
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { ReplayError } from '../../error.ts';
import type { Composite } from './events.ts';
import { COMPOSITE, readComposite } from './events.ts';
import type { IdSizes } from './fields.ts';
import { Fields, USUAL_SIZES } from './fields.ts';
import type { JdwpPacket } from './packets.ts';
import { HANDSHAKE, JdwpStream, writeCommand } from './packets.ts';

export type Command = readonly [set: number, command: number];

/** An answer of the VM that says no. */
export class JdwpRefusal extends Error {
  override readonly name = 'JdwpRefusal';
  /** Of JDWP's table: 101 is absent information, 511 a native method. */
  readonly error: number;

  constructor(command: Command, error: number) {
    super(`The Java VM refused command ${command.join('.')} with error ${error}.`);
    this.error = error;
  }
}

interface Asked {
  readonly resolve: (data: Buffer) => void;
  readonly reject: (error: Error) => void;
  readonly command: Command;
}

const ID_SIZES: Command = [1, 7];

export class JdwpConnection {
  readonly #socket: Socket;
  readonly #stream = new JdwpStream();
  readonly #asked = new Map<number, Asked>();
  readonly #onEvents: (composite: Composite) => void;
  /** What came before anybody could read it: the lengths of ids are not known yet. */
  #early: Buffer[] | undefined = [];
  #sizes: IdSizes = USUAL_SIZES;
  #id = 0;
  #gone: Error | undefined;

  private constructor(socket: Socket, onEvents: (composite: Composite) => void) {
    this.#socket = socket;
    this.#onEvents = onEvents;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#end());
  }

  /** Throws ReplayError `debugger`, at the latest when `over` fires. */
  static async open(
    port: number,
    over: AbortSignal,
    onEvents: (composite: Composite) => void,
  ): Promise<JdwpConnection> {
    const socket = connect(port, '127.0.0.1');
    const connection = new JdwpConnection(socket, onEvents);
    over.addEventListener('abort', () => socket.destroy(), { once: true });
    socket.write(HANDSHAKE);
    // It answers to what follows the handshake once it has given its own.
    const sizes = await connection.ask(ID_SIZES, [], (fields) => {
      const [field = 8, method = 8, object = 8, referenceType = 8, frame = 8] = fields.list(() => fields.i32(), 5);
      return { field, method, object, referenceType, frame };
    });
    if (Object.values(sizes).some((size) => size < 1 || size > 8)) throw strange();
    connection.#sizes = sizes;
    const early = connection.#early ?? [];
    connection.#early = undefined;
    for (const data of early) connection.#tell(data);
    return connection;
  }

  /** Throws JdwpRefusal, or ReplayError `debugger` when the VM is gone or its answer cannot be read. */
  async ask<T>(command: Command, data: readonly Buffer[], read: (fields: Fields) => T): Promise<T> {
    if (this.#gone !== undefined) throw this.#gone;
    const id = (this.#id += 1);
    const answer = new Promise<Buffer>((resolve, reject) => this.#asked.set(id, { resolve, reject, command }));
    this.#socket.write(writeCommand(id, command, Buffer.concat(data)));
    const fields = new Fields(await answer, this.#sizes);
    const value = read(fields);
    if (fields.short) throw strange();
    return value;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    for (const packet of this.#stream.push(bytes)) this.#packet(packet);
    if (this.#stream.broken) this.#socket.destroy();
  }

  #packet(packet: JdwpPacket): void {
    if (packet.kind === 'reply') {
      const asked = this.#asked.get(packet.id);
      this.#asked.delete(packet.id);
      if (packet.error === 0) asked?.resolve(packet.data);
      else asked?.reject(new JdwpRefusal(asked.command, packet.error));
    } else if (packet.set === COMPOSITE[0] && packet.command === COMPOSITE[1]) {
      if (this.#early === undefined) this.#tell(packet.data);
      else this.#early.push(packet.data);
    }
  }

  #tell(data: Buffer): void {
    const composite = readComposite(new Fields(data, this.#sizes));
    if (composite !== undefined) this.#onEvents(composite);
  }

  #end(): void {
    this.#gone = new ReplayError(
      'debugger',
      'The Java VM has left its debugger.',
      'Is it the service that was started?',
    );
    for (const { reject } of this.#asked.values()) reject(this.#gone);
    this.#asked.clear();
  }
}

function strange(): ReplayError {
  return new ReplayError(
    'debugger',
    'The Java VM answers its debugger with what cannot be read.',
    'Does it listen with -agentlib:jdwp?',
  );
}
