/** A value of a Java VM that stands still, as one line of text: at most 400 characters, three levels, ten members each. */
import { membersOf } from './containers.ts';
import type { TaggedValue } from './fields.ts';
import type { JavaMachine } from './machine.ts';
import { className, elementsOf, isA, isPlatform, readFields, shortName } from './objects.ts';
import { platformValue } from './platform-values.ts';

const MEMBERS = 10;
const LEVELS = 3;
const CHARACTERS = 400;

export async function renderValue(machine: JavaMachine, value: TaggedValue): Promise<string> {
  const text = await new Renderer(machine).write(value, LEVELS);
  return text.length > CHARACTERS ? `${text.slice(0, CHARACTERS - 1)}…` : text;
}

/** `shop.OutOfStock: none left`. */
export async function renderThrown(machine: JavaMachine, value: TaggedValue): Promise<string> {
  if (value.kind !== 'object') return 'an exception';
  const type = await machine.typeOf(value.id);
  const name = className(await machine.signature(type));
  const message = (await readFields(machine, value.id, type)).get('detailMessage');
  if (message?.kind !== 'object') return name;
  return `${name}: ${await machine.string(message.id)}`.slice(0, CHARACTERS);
}

class Renderer {
  readonly #machine: JavaMachine;
  /** What may be read yet: what is cut off in the end is not asked for. */
  #left = CHARACTERS;

  constructor(machine: JavaMachine) {
    this.#machine = machine;
  }

  async write(value: TaggedValue, level: number): Promise<string> {
    if (this.#left <= 0) return '…';
    const leaf = await this.#leaf(value);
    this.#left -= leaf?.length ?? 2;
    return leaf ?? (value.kind === 'object' ? this.#object(value, level) : '');
  }

  async #leaf(value: TaggedValue): Promise<string | undefined> {
    if (value.kind === 'null') return 'null';
    if (value.kind === 'primitive') return value.text;
    return value.tag === 's' ? JSON.stringify(await this.#machine.string(value.id)) : undefined;
  }

  async #object(value: TaggedValue & { kind: 'object' }, level: number): Promise<string> {
    const machine = this.#machine;
    if (value.tag === '[') return this.#array(value, level);
    const type = await machine.typeOf(value.id);
    const name = className(await machine.signature(type));
    if (await isA(machine, type, 'java.lang.Throwable')) return renderThrown(machine, value);
    const fields = await readFields(machine, value.id, type);
    if (await isA(machine, type, 'java.lang.Enum')) return this.#enum(name, fields);
    const own = await platformValue(machine, name, fields);
    if (own !== undefined) return own;
    const members = await membersOf(machine, name, fields);
    if (members?.kind === 'wrapper') return this.write(members.value, level);
    if (members?.kind === 'map') {
      return `Map(${members.size})${level === 0 ? '' : this.#braces(members.size, await this.#entries(members.entries, level))}`;
    }
    if (members !== undefined) return this.#items(members.kind, members.size, members.items, level);
    if (isPlatform(name)) return shortName(name);
    if (level === 0 && fields.size > 0) return `${shortName(name)} {…}`;
    const pairs = [...fields].toReversed().slice(0, MEMBERS);
    const written: string[] = [];
    for (const [field, member] of pairs) written.push(`${field}: ${await this.write(member, level - 1)}`);
    return `${shortName(name)} ${this.#braces(fields.size, written)}`;
  }

  async #enum(name: string, fields: ReadonlyMap<string, TaggedValue>): Promise<string> {
    const constant = fields.get('name');
    const text = constant?.kind === 'object' && constant.tag === 's' ? await this.#machine.string(constant.id) : '?';
    return `${shortName(name.replace(/\$\d+$/, ''))}.${text}`;
  }

  async #array(value: TaggedValue & { kind: 'object' }, level: number): Promise<string> {
    const length = await this.#machine.arrayLength(value.id);
    return this.#items('list', length, await elementsOf(this.#machine, value, MEMBERS), level);
  }

  async #items(kind: 'list' | 'set', size: number, items: readonly TaggedValue[], level: number): Promise<string> {
    const head = kind === 'set' ? `Set(${size})` : '';
    if (level === 0 && size > 0) return `${head}[…]`;
    const written: string[] = [];
    for (const item of items.slice(0, MEMBERS)) written.push(await this.write(item, level - 1));
    return `${head}[${[...written, ...(size > written.length ? ['…'] : [])].join(', ')}]`;
  }

  async #entries(entries: readonly (readonly [TaggedValue, TaggedValue])[], level: number): Promise<readonly string[]> {
    const written: string[] = [];
    for (const [key, value] of entries.slice(0, MEMBERS)) {
      written.push(`${await this.write(key, 0)}: ${await this.write(value, level - 1)}`);
    }
    return written;
  }

  #braces(size: number, written: readonly string[]): string {
    const all = size > written.length ? [...written, '…'] : written;
    return all.length === 0 ? '{}' : `{ ${all.join(', ')} }`;
  }
}
