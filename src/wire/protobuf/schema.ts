/** What descriptors tell of messages: enough to name what is on the wire. Names are full (`shop.Quote`), without a dot in front. */

/** How a single value lies on the wire, and what its bits mean. https://protobuf.dev/programming-guides/encoding/ */
export type Scalar =
  | 'double'
  | 'float'
  | 'int64'
  | 'uint64'
  | 'int32'
  | 'fixed64'
  | 'fixed32'
  | 'bool'
  | 'uint32'
  | 'enum'
  | 'sfixed32'
  | 'sfixed64'
  | 'sint32'
  | 'sint64';

export interface FieldType {
  readonly number: number;
  readonly name: string;
  readonly repeated: boolean;
  readonly kind: Scalar | 'string' | 'bytes' | 'message';
  /** Of `message` and `enum`: its full name. */
  readonly typeName?: string;
}

export interface MessageType {
  readonly name: string;
  readonly fields: ReadonlyMap<number, FieldType>;
  /** An entry of a map field: key 1, value 2. */
  readonly isEntry: boolean;
}

export interface MethodType {
  /** `/shop.Pricing/Quote`, as it stands in `:path`. */
  readonly path: string;
  /** Full names of messages. */
  readonly input: string;
  readonly output: string;
}

/** The first name of a value counts: aliases share one. */
export type EnumType = ReadonlyMap<number, string>;

/** Types by their full names; what is not there is read without a schema. */
export interface Schema {
  message(name: string): MessageType | undefined;
  enumeration(name: string): EnumType | undefined;
  method(path: string): MethodType | undefined;
}

/** What was read of descriptors, as tables. */
export interface SchemaTables {
  readonly messages: ReadonlyMap<string, MessageType>;
  readonly enums: ReadonlyMap<string, EnumType>;
  readonly methods: ReadonlyMap<string, MethodType>;
}

export const NO_SCHEMA: Schema = schemaOf({ messages: new Map(), enums: new Map(), methods: new Map() });

export function schemaOf({ messages, enums, methods }: SchemaTables): Schema {
  return {
    message: (name) => messages.get(name),
    enumeration: (name) => enums.get(name),
    method: (path) => methods.get(path),
  };
}

/** The first that knows a name has it. */
export function firstOf(schemas: readonly Schema[]): Schema {
  const [only] = schemas;
  if (schemas.length === 1 && only !== undefined) return only;
  const find = <Found>(look: (schema: Schema) => Found | undefined): Found | undefined => {
    for (const schema of schemas) {
      const found = look(schema);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return {
    message: (name) => find((schema) => schema.message(name)),
    enumeration: (name) => find((schema) => schema.enumeration(name)),
    method: (path) => find((schema) => schema.method(path)),
  };
}
