/**
 * Reads what compilers write of .proto files. Bytes are hostile: counts, depth and names are bounded, and what is no name, no type or no number
 * is left out, so that its values are read without a schema. Field numbers are those of
 * https://github.com/protocolbuffers/protobuf/blob/main/src/google/protobuf/descriptor.proto
 */
import type { FieldFault } from './fields.ts';
import { FieldWalk } from './fields.ts';
import type { EnumType, FieldType, MessageType, MethodType, SchemaTables } from './schema.ts';

export interface DescriptorFault {
  readonly fault: FieldFault | 'too-many' | 'too-deep' | 'no-descriptors';
}

export interface DescriptorLimits {
  /** Fields, enum values and methods together. googleapis, whole, has some 150,000. */
  readonly members: number;
}

const SET: DescriptorLimits = { members: 400_000 };
const MAX_NESTING = 32;

/** A FileDescriptorSet, as `protoc --descriptor_set_out` and `buf build` write it. */
export function readDescriptorSet(bytes: Uint8Array, limits: DescriptorLimits = SET): SchemaTables | DescriptorFault {
  const files: Uint8Array[] = [];
  const fault = each(bytes, (walk) => {
    if (walk.isBytes(1)) files.push(bytes.subarray(walk.start, walk.end));
  });
  if (fault !== undefined) return { fault };
  if (files.length === 0) return { fault: 'no-descriptors' };
  return readFileDescriptors(files, limits);
}

/** FileDescriptorProtos. What one says twice, or two say, counts as said first. */
export function readFileDescriptors(
  files: readonly Uint8Array[],
  limits: DescriptorLimits = SET,
): SchemaTables | DescriptorFault {
  const reader = new Reader(limits);
  try {
    for (const file of files) reader.file(file);
    return reader.resolved();
  } catch (error) {
    if (error instanceof Refusal) return { fault: error.fault };
    throw error;
  }
}

/** Ends the reading from within; never leaves this file. */
class Refusal extends Error {
  readonly fault: DescriptorFault['fault'];

  constructor(fault: DescriptorFault['fault']) {
    super(fault);
    this.fault = fault;
  }
}

class Reader {
  readonly #messages = new Map<string, MessageType>();
  readonly #enums = new Map<string, EnumType>();
  readonly #methods = new Map<string, MethodType>();
  #left: number;

  constructor({ members }: DescriptorLimits) {
    this.#left = members;
  }

  /** With the full name of every type that is named by less, looked for from the inside out. */
  resolved(): SchemaTables {
    const find = (name: string, scope: string): string => {
      if (name.startsWith('.')) return name.slice(1);
      for (let within = scope; ; within = within.slice(0, Math.max(0, within.lastIndexOf('.')))) {
        const full = within === '' ? name : `${within}.${name}`;
        if (within === '' || this.#messages.has(full) || this.#enums.has(full)) return full;
      }
    };
    const messages = [...this.#messages.values()].map((message) => {
      const fields = [...message.fields.values()].map((field) => {
        const { typeName } = field;
        return [
          field.number,
          typeName === undefined ? field : { ...field, typeName: find(typeName, message.name) },
        ] as const;
      });
      return [message.name, { ...message, fields: new Map(fields) }] as const;
    });
    const methods = [...this.#methods.values()].map((method) => {
      const scope = method.path.slice(1, method.path.lastIndexOf('/'));
      return [
        method.path,
        { ...method, input: find(method.input, scope), output: find(method.output, scope) },
      ] as const;
    });
    return { messages: new Map(messages), enums: this.#enums, methods: new Map(methods) };
  }

  file(bytes: Uint8Array): void {
    const scope = packageOf(bytes);
    if (scope === undefined) return;
    visit(bytes, (walk) => {
      const inside = bytes.subarray(walk.start, walk.end);
      if (walk.isBytes(4)) this.#message(inside, scope, 0);
      else if (walk.isBytes(5)) this.#enum(inside, scope);
      else if (walk.isBytes(6)) this.#service(inside, scope);
    });
  }

  #message(bytes: Uint8Array, scope: string, depth: number): void {
    if (depth > MAX_NESTING) throw new Refusal('too-deep');
    const name = fullName(scope, nameIn(bytes, 1));
    if (name === undefined) return;
    const fields = new Map<number, FieldType>();
    const names = new Set<string>();
    let isEntry = false;
    visit(bytes, (walk) => {
      const inside = bytes.subarray(walk.start, walk.end);
      if (walk.isBytes(2)) {
        this.#count();
        const field = fieldIn(inside);
        // Two fields of one name would hide each other's values.
        if (field === undefined || fields.has(field.number) || names.has(field.name)) return;
        fields.set(field.number, field);
        names.add(field.name);
      } else if (walk.isBytes(3)) this.#message(inside, name, depth + 1);
      else if (walk.isBytes(4)) this.#enum(inside, name);
      else if (walk.isBytes(7)) isEntry ||= numberIn(inside, 7) === 1;
    });
    this.#count();
    if (!this.#messages.has(name)) this.#messages.set(name, { name, fields, isEntry });
  }

  #enum(bytes: Uint8Array, scope: string): void {
    const name = fullName(scope, nameIn(bytes, 1));
    const values = new Map<number, string>();
    visit(bytes, (walk) => {
      if (!walk.isBytes(2)) return;
      this.#count();
      const inside = bytes.subarray(walk.start, walk.end);
      const value = nameIn(inside, 1);
      const number = numberIn(inside, 2) | 0;
      if (value !== undefined && !values.has(number)) values.set(number, value);
    });
    this.#count();
    if (name !== undefined && !this.#enums.has(name)) this.#enums.set(name, values);
  }

  #service(bytes: Uint8Array, scope: string): void {
    const service = fullName(scope, nameIn(bytes, 1));
    visit(bytes, (walk) => {
      if (!walk.isBytes(2)) return;
      this.#count();
      const inside = bytes.subarray(walk.start, walk.end);
      const method = nameIn(inside, 1);
      const [input, output] = [typeNameIn(inside, 2), typeNameIn(inside, 3)];
      if (service === undefined || method === undefined || input === undefined || output === undefined) return;
      const path = `/${service}/${method}`;
      if (!this.#methods.has(path)) this.#methods.set(path, { path, input, output });
    });
  }

  #count(): void {
    this.#left -= 1;
    if (this.#left < 0) throw new Refusal('too-many');
  }
}

function each(bytes: Uint8Array, see: (walk: FieldWalk) => void): FieldFault | undefined {
  const walk = new FieldWalk().over(bytes, 0, bytes.length);
  while (walk.next()) see(walk);
  return walk.fault;
}

function visit(bytes: Uint8Array, see: (walk: FieldWalk) => void): void {
  const fault = each(bytes, see);
  if (fault !== undefined) throw new Refusal(fault);
}

const NAME = /^[A-Za-z_]\w{0,254}$/;
const FULL_NAME = /^\.?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;
const MAX_FULL_NAME = 1024;

function textIn(bytes: Uint8Array, number: number): string | undefined {
  let found: string | undefined;
  visit(bytes, (walk) => {
    if (walk.isBytes(number)) found = Buffer.from(bytes.subarray(walk.start, walk.end)).toString('latin1');
  });
  return found;
}

function nameIn(bytes: Uint8Array, number: number): string | undefined {
  const text = textIn(bytes, number);
  return text !== undefined && NAME.test(text) ? text : undefined;
}

/** Compilers write types in full, with a dot in front; less is allowed. */
function typeNameIn(bytes: Uint8Array, number: number): string | undefined {
  const text = textIn(bytes, number);
  return text !== undefined && text.length <= MAX_FULL_NAME && FULL_NAME.test(text) ? text : undefined;
}

/** The last one counts; 0 when there is none. */
function numberIn(bytes: Uint8Array, number: number): number {
  let found = 0;
  visit(bytes, (walk) => {
    if (walk.isVarint(number)) found = walk.value;
  });
  return found;
}

function packageOf(file: Uint8Array): string | undefined {
  const text = textIn(file, 2) ?? '';
  return text === '' || (text.length <= MAX_FULL_NAME && FULL_NAME.test(text) && !text.startsWith('.'))
    ? text
    : undefined;
}

function fullName(scope: string, name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const full = scope === '' ? name : `${scope}.${name}`;
  return full.length > MAX_FULL_NAME ? undefined : full;
}

/** By FieldDescriptorProto.Type. Groups (10) are not read: their wire types are none of ours. */
const KINDS: ReadonlyMap<number, FieldType['kind']> = new Map<number, FieldType['kind']>([
  [1, 'double'],
  [2, 'float'],
  [3, 'int64'],
  [4, 'uint64'],
  [5, 'int32'],
  [6, 'fixed64'],
  [7, 'fixed32'],
  [8, 'bool'],
  [9, 'string'],
  [11, 'message'],
  [12, 'bytes'],
  [13, 'uint32'],
  [14, 'enum'],
  [15, 'sfixed32'],
  [16, 'sfixed64'],
  [17, 'sint32'],
  [18, 'sint64'],
]);

const LABEL_REPEATED = 3;
const MAX_FIELD_NUMBER = 536_870_911;

function fieldIn(bytes: Uint8Array): FieldType | undefined {
  const name = nameIn(bytes, 1);
  const number = numberIn(bytes, 3);
  const kind = KINDS.get(numberIn(bytes, 5));
  if (name === undefined || kind === undefined || number < 1 || number > MAX_FIELD_NUMBER) return undefined;
  const typeName = typeNameIn(bytes, 6);
  const refers = kind === 'message' || kind === 'enum';
  if (refers && typeName === undefined) return undefined;
  return {
    number,
    name,
    repeated: numberIn(bytes, 4) === LABEL_REPEATED,
    kind,
    ...(refers && typeName !== undefined && { typeName }),
  };
}
