/** .proto text as descriptors and messages, by encoders that share no code with src/. */
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';
import type { SchemaTables } from '../../src/wire/protobuf/schema.ts';
import { FieldWalk } from '../../src/wire/protobuf/fields.ts';
import { readDescriptorSet } from '../../src/wire/protobuf/descriptor.ts';

export interface Compiled {
  /** A FileDescriptorSet. */
  readonly set: Uint8Array;
  readonly tables: SchemaTables;
  encode(type: string, value: Readonly<Record<string, unknown>>): Uint8Array;
  decode(type: string, bytes: Uint8Array): Readonly<Record<string, unknown>>;
}

export function compile(...sources: readonly string[]): Compiled {
  const root = new protobuf.Root();
  for (const source of sources) protobuf.parse(source, root, { keepCase: true });
  root.resolveAll();
  const set = descriptor.FileDescriptorSet.encode(root.toDescriptor('proto3')).finish();
  const tables = readDescriptorSet(set);
  if ('fault' in tables) throw new Error(`The test made no descriptors: ${tables.fault}`);
  return {
    set,
    tables,
    encode(type, value) {
      const found = root.lookupType(type);
      return found.encode(found.fromObject(value)).finish();
    },
    decode(type, bytes) {
      const found = root.lookupType(type);
      return found.toObject(found.decode(bytes), { longs: String, bytes: String, enums: String });
    },
  };
}

/** The FileDescriptorProtos in a set, one per package. */
export function filesIn(set: Uint8Array): readonly Uint8Array[] {
  const walk = new FieldWalk().over(set, 0, set.length);
  const found: Uint8Array[] = [];
  while (walk.next()) found.push(set.subarray(walk.start, walk.end));
  return found;
}

/** The well-known types that JSON writes in a way of their own. */
export const WELL_KNOWN = `syntax = "proto3"; package google.protobuf;
  message Timestamp { int64 seconds = 1; int32 nanos = 2; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }
  message Any { string type_url = 1; bytes value = 2; }
  message FieldMask { repeated string paths = 1; }
  message StringValue { string value = 1; }
  message Int64Value { int64 value = 1; }
  message BoolValue { bool value = 1; }
  enum NullValue { NULL_VALUE = 0; }
  message Struct { map<string, Value> fields = 1; }
  message Value { oneof kind { NullValue null_value = 1; double number_value = 2; string string_value = 3; bool bool_value = 4; Struct struct_value = 5; ListValue list_value = 6; } }
  message ListValue { repeated Value values = 1; }`;

/** A shop that uses all there is. */
export const SHOP = `syntax = "proto3"; package shop;
  service Pricing { rpc Quote(Order) returns (Priced); }
  enum Level { UNKNOWN = 0; GOLD = 2; }
  message Order {
    string sku = 1; int32 count = 2; Level level = 3; repeated int32 sizes = 4; repeated string tags = 5;
    map<string, string> labels = 6; map<int32, Line> lines = 7;
    oneof payment { string card_number = 8; string voucher = 9; }
    bytes thumbnail = 10; sint64 change = 11; double price = 12; bool gift = 13; uint64 big = 14; float rate = 15; fixed64 hash = 16;
    Line line = 17; int64 pin = 18; Login login = 19; Order again = 20;
    google.protobuf.Timestamp at = 21; google.protobuf.Duration within = 22; google.protobuf.Struct more = 23;
    google.protobuf.StringValue note = 24; google.protobuf.Any extra = 25; google.protobuf.FieldMask mask = 26; google.protobuf.Int64Value points = 27;
    repeated Level levels = 28;
    message Line { string name = 1; double price = 2; }
    message Login { string user = 1; string password = 2; }
  }
  message Priced { string sku = 1; double price = 2; }`;
