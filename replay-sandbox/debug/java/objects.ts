/** Objects of a Java VM by their fields. Nothing of the service is run to read them, so no getter and no toString has an effect. */
import type { Id, TaggedValue } from './fields.ts';
import type { JavaMachine } from './machine.ts';

export const NULL: TaggedValue = { kind: 'null' };

/** By name; of two of the same name, the class's own. */
export async function readFields(
  machine: JavaMachine,
  object: Id,
  type: Id,
): Promise<ReadonlyMap<string, TaggedValue>> {
  const fields = await machine.fields(type);
  if (fields.length === 0) return new Map();
  const values = await machine.fieldValues(object, fields);
  // Backwards: what a subclass hides comes first, and is written last.
  return new Map(fields.map(({ name }, index): [string, TaggedValue] => [name, values[index] ?? NULL]).toReversed());
}

export async function fieldsOf(
  machine: JavaMachine,
  value: TaggedValue | undefined,
): Promise<ReadonlyMap<string, TaggedValue>> {
  if (value?.kind !== 'object' || value.tag === '[') return new Map();
  return readFields(machine, value.id, await machine.typeOf(value.id));
}

export async function elementsOf(
  machine: JavaMachine,
  value: TaggedValue | undefined,
  atMost: number,
): Promise<readonly TaggedValue[]> {
  if (value?.kind !== 'object' || value.tag !== '[') return [];
  const length = Math.min(await machine.arrayLength(value.id), atMost);
  return length <= 0 ? [] : machine.arrayValues(value.id, length);
}

/** `Lshop/Main$Item;` → `shop.Main$Item`. */
export function className(signature: string): string {
  return signature.replace(/^L|;$/g, '').replaceAll('/', '.');
}

/** Without its package, and without what surrounds it. */
export function shortName(name: string): string {
  return name.replace(/^.*[.$](?=[^.$\d])/, '');
}

export function isPlatform(name: string): boolean {
  return /^(?:java|javax|jdk|sun|com\.sun)\./.test(name);
}

export async function isA(machine: JavaMachine, type: Id, name: string): Promise<boolean> {
  for (let each: Id | undefined = type; each !== undefined; each = await machine.superclass(each)) {
    if (className(await machine.signature(each)) === name) return true;
  }
  return false;
}
