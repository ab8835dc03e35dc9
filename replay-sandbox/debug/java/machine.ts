/** Questions to a Java VM, with what does not change remembered. */
import type { Command } from './connection.ts';
import { JdwpConnection, JdwpRefusal } from './connection.ts';
import type { Composite } from './events.ts';
import type { Fields, Id, Location, TaggedValue } from './fields.ts';
import { i32, idBytes, locationBytes, text, u8 } from './fields.ts';

export interface Method {
  readonly id: Id;
  readonly name: string;
  readonly isStatic: boolean;
}

export interface Line {
  readonly index: bigint;
  readonly line: number;
}

export interface Variable {
  readonly name: string;
  readonly signature: string;
  readonly slot: number;
  readonly from: bigint;
  readonly to: bigint;
}

export interface Field {
  readonly id: Id;
  readonly name: string;
}

export interface Frame {
  readonly id: Id;
  readonly location: Location;
}

const STATIC = 0x8;
/** Of the compiler's making: the outer instance, assertions' switch. */
const SYNTHETIC = 0xf000_1000;

export class JavaMachine {
  readonly #connection: JdwpConnection;
  readonly #signatures = new Map<Id, Promise<string>>();
  readonly #methods = new Map<Id, Promise<readonly Method[]>>();
  readonly #lines = new Map<string, Promise<readonly Line[]>>();
  readonly #fields = new Map<Id, Promise<readonly Field[]>>();
  readonly #above = new Map<Id, Promise<Id | undefined>>();
  readonly #files = new Map<Id, Promise<string>>();

  private constructor(connection: JdwpConnection) {
    this.#connection = connection;
  }

  /** Throws ReplayError `debugger`. */
  static async open(port: number, over: AbortSignal, onEvents: (composite: Composite) => void): Promise<JavaMachine> {
    return new JavaMachine(await JdwpConnection.open(port, over, onEvents));
  }

  close(): void {
    this.#connection.close();
  }

  #ask<T>(command: Command, data: readonly Buffer[], read: (fields: Fields) => T): Promise<T> {
    return this.#connection.ask(command, data, read);
  }

  /** Lets all threads run. */
  resume(): Promise<void> {
    return this.#ask([1, 9], [], () => undefined);
  }

  resumeThread(thread: Id): Promise<void> {
    return this.#ask([11, 3], [idBytes(thread)], () => undefined);
  }

  /** Classes whose source has this name, when they are ready to run; the one thread waits meanwhile. */
  onClassOf(fileName: string): Promise<number> {
    return this.#request(8, 'thread', [u8(12), text(fileName)]);
  }

  onLocation(location: Location): Promise<number> {
    return this.#request(2, 'all', [u8(7), locationBytes(location)]);
  }

  onThrow(): Promise<number> {
    return this.#request(4, 'all', [u8(8), idBytes('00'.repeat(8)), u8(1), u8(1)]);
  }

  #request(kind: number, suspends: 'thread' | 'all', modifier: readonly Buffer[]): Promise<number> {
    const head = [u8(kind), u8(suspends === 'all' ? 2 : 1), i32(1)];
    return this.#ask([15, 1], [...head, ...modifier], (fields) => fields.i32());
  }

  loadedClasses(): Promise<readonly { readonly id: Id; readonly signature: string }[]> {
    return this.#ask([1, 3], [], (fields) =>
      fields.list(() => {
        fields.u8();
        const id = fields.id('referenceType');
        const signature = fields.text();
        fields.i32();
        return { id, signature };
      }),
    );
  }

  /** `Lshop/Main;` */
  signature(type: Id): Promise<string> {
    return remember(this.#signatures, type, () => this.#ask([2, 1], [idBytes(type)], (fields) => fields.text()));
  }

  /** `Main.java`; empty when the class was compiled without. */
  sourceFile(type: Id): Promise<string> {
    return remember(this.#files, type, () =>
      this.#ask([2, 7], [idBytes(type)], (fields) => fields.text()).catch(absent('')),
    );
  }

  methods(type: Id): Promise<readonly Method[]> {
    return remember(this.#methods, type, () =>
      this.#ask([2, 5], [idBytes(type)], (fields) =>
        fields.list(() => {
          const id = fields.id('method');
          const name = fields.text();
          fields.text();
          return { id, name, isStatic: (fields.i32() & STATIC) !== 0 };
        }),
      ),
    );
  }

  /** In the order of the code; none for native methods, and for classes without them. */
  lines(type: Id, method: Id): Promise<readonly Line[]> {
    return remember(this.#lines, `${type}.${method}`, () =>
      this.#ask([6, 1], [idBytes(type), idBytes(method)], (fields) => {
        fields.i64();
        fields.i64();
        const lines = fields.list(() => ({ index: fields.i64(), line: fields.i32() }));
        return lines.toSorted((one, other) => (one.index < other.index ? -1 : 1));
      }).catch(absent<readonly Line[]>([])),
    );
  }

  /** Undefined when the class was compiled without them. */
  variables(type: Id, method: Id): Promise<readonly Variable[] | undefined> {
    return this.#ask([6, 2], [idBytes(type), idBytes(method)], (fields) => {
      fields.i32();
      return fields.list(() => {
        const from = fields.i64();
        const name = fields.text();
        const signature = fields.text();
        const to = from + BigInt(fields.i32());
        return { name, signature, from, to, slot: fields.i32() };
      });
    }).catch(absent(undefined));
  }

  /** Innermost first, at most so many. The thread has to stand still. */
  async frames(thread: Id, atMost: number): Promise<readonly Frame[]> {
    const count = await this.#ask([11, 7], [idBytes(thread)], (fields) => fields.i32());
    return this.#ask([11, 6], [idBytes(thread), i32(0), i32(Math.min(count, atMost))], (fields) =>
      fields.list(() => ({ id: fields.id('frame'), location: fields.location() })),
    );
  }

  slots(thread: Id, frame: Id, variables: readonly Variable[]): Promise<readonly TaggedValue[]> {
    const asked = variables.flatMap(({ slot, signature }) => [i32(slot), Buffer.from(signature.slice(0, 1), 'latin1')]);
    return this.#ask([16, 1], [idBytes(thread), idBytes(frame), i32(variables.length), ...asked], (fields) =>
      fields.list(() => fields.tagged()),
    );
  }

  thisObject(thread: Id, frame: Id): Promise<TaggedValue> {
    return this.#ask([16, 3], [idBytes(thread), idBytes(frame)], (fields) => fields.tagged());
  }

  typeOf(object: Id): Promise<Id> {
    return this.#ask([9, 1], [idBytes(object)], (fields) => {
      fields.u8();
      return fields.id('referenceType');
    });
  }

  string(object: Id): Promise<string> {
    return this.#ask([10, 1], [idBytes(object)], (fields) => fields.text());
  }

  /** Of the instance, its class's own first, then those it inherits. */
  fields(type: Id): Promise<readonly Field[]> {
    return remember(this.#fields, type, async () => {
      const own = await this.#ask([2, 4], [idBytes(type)], (fields) =>
        fields.list(() => {
          const id = fields.id('field');
          const name = fields.text();
          fields.text();
          return { id, name, bits: fields.i32() };
        }),
      );
      const kept = own.filter(({ bits }) => (bits & (STATIC | SYNTHETIC)) === 0);
      const above = await this.superclass(type);
      return above === undefined ? kept : [...kept, ...(await this.fields(above))];
    });
  }

  superclass(type: Id): Promise<Id | undefined> {
    return remember(this.#above, type, () =>
      this.#ask([3, 1], [idBytes(type)], (fields) => {
        const above = fields.id('referenceType');
        return /^0*$/.test(above) ? undefined : above;
      }),
    );
  }

  fieldValues(object: Id, fields: readonly Field[]): Promise<readonly TaggedValue[]> {
    const asked = fields.map(({ id }) => idBytes(id));
    return this.#ask([9, 2], [idBytes(object), i32(fields.length), ...asked], (reply) =>
      reply.list(() => reply.tagged()),
    );
  }

  arrayLength(array: Id): Promise<number> {
    return this.#ask([13, 1], [idBytes(array)], (fields) => fields.i32());
  }

  arrayValues(array: Id, count: number): Promise<readonly TaggedValue[]> {
    return this.#ask([13, 2], [idBytes(array), i32(0), i32(count)], (fields) => {
      const tag = String.fromCharCode(fields.u8());
      // Objects stand with a tag each.
      return fields.list(() => ('BCFDIJSZ'.includes(tag) ? fields.value(tag) : fields.tagged()));
    });
  }
}

const ABSENT_INFORMATION = 101;
const NATIVE_METHOD = 511;

function absent<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof JdwpRefusal && [ABSENT_INFORMATION, NATIVE_METHOD].includes(error.error)) return instead;
    throw error;
  };
}

function remember<K, V>(known: Map<K, Promise<V>>, key: K, ask: () => Promise<V>): Promise<V> {
  const before = known.get(key);
  if (before !== undefined) return before;
  const asked = ask();
  known.set(key, asked);
  return asked;
}
