/** The descriptors by which messages were disguised, as they travel with them: a replay has to read what it is asked in the same way. */
import { z } from 'zod';
import type { EnumType, FieldType, MessageType, MethodType, Schema } from '../../wire/protobuf/schema.ts';
import { schemaOf } from '../../wire/protobuf/schema.ts';

/** Fields and values of enums that one part may carry; types beyond it are read without a schema, here and in the replay. */
const MOST_MEMBERS = 8000;

const name = z.string().regex(/^[A-Za-z_][\w.]{0,1023}$/);
const number = z.number().int();
const KINDS = [
  ...([
    'double',
    'float',
    'int64',
    'uint64',
    'int32',
    'fixed64',
    'fixed32',
    'bool',
    'uint32',
    'enum',
    'sfixed32',
  ] as const),
  ...(['sfixed64', 'sint32', 'sint64', 'string', 'bytes', 'message'] as const),
];

const field = z.object({ number, name, kind: z.enum(KINDS), repeated: z.boolean(), typeName: name.exactOptional() });

export const TYPES = z.object({
  methods: z.array(z.object({ path: z.string(), input: name, output: name })),
  messages: z.array(z.object({ name, isEntry: z.boolean(), fields: z.array(field) })),
  enums: z.array(z.object({ name, values: z.array(z.tuple([number, z.string()])) })),
});

export type Types = z.infer<typeof TYPES>;

/** A schema that remembers what it was asked for. */
export interface Noted {
  readonly schema: Schema;
  /** What was found so far; undefined when that is nothing. */
  readonly types: () => Types | undefined;
}

export function noted(schema: Schema): Noted {
  const methods = new Map<string, MethodType>();
  const messages = new Map<string, MessageType>();
  const enums = new Map<string, EnumType>();
  let left = MOST_MEMBERS;
  const note = <Found>(known: Map<string, Found>, key: string, found: Found | undefined, members: number) => {
    if (found === undefined || known.has(key)) return found;
    if (members > left) return undefined;
    left -= members;
    known.set(key, found);
    return found;
  };
  const enumeration = (key: string) => {
    const found = schema.enumeration(key);
    return note(enums, key, found, found?.size ?? 0);
  };
  return {
    schema: {
      method: (path) => note(methods, path, schema.method(path), 1),
      message(key) {
        const found = schema.message(key);
        const message = note(messages, key, found, found?.fields.size ?? 0);
        // The view that is made of it names their values.
        for (const { kind, typeName } of message?.fields.values() ?? [])
          if (kind === 'enum' && typeName !== undefined) enumeration(typeName);
        return message;
      },
      enumeration,
    },
    types: () => (methods.size === 0 ? undefined : written(methods, messages, enums)),
  };
}

function written(
  methods: ReadonlyMap<string, MethodType>,
  messages: ReadonlyMap<string, MessageType>,
  enums: ReadonlyMap<string, EnumType>,
): Types {
  return {
    methods: [...methods.values()],
    messages: [...messages.values()].map(({ fields, ...message }) => ({ ...message, fields: [...fields.values()] })),
    enums: [...enums].map(([key, values]) => ({ name: key, values: [...values] })),
  };
}

export function readTypes({ methods, messages, enums }: Types): Schema {
  return schemaOf({
    methods: new Map(methods.map((method) => [method.path, method])),
    messages: new Map(
      messages.map(({ fields, ...message }) => [message.name, { ...message, fields: byNumber(fields) }]),
    ),
    enums: new Map(enums.map(({ name: key, values }) => [key, new Map(values)])),
  });
}

function byNumber(fields: readonly FieldType[]): ReadonlyMap<number, FieldType> {
  return new Map(fields.map((one) => [one.number, one]));
}
