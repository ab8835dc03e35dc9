/** Protobuf messages for tests, written without the product's own encoder. */
import protobuf from 'protobufjs';

const { root } = protobuf.parse(`syntax = "proto3";
  message Timestamp { int64 seconds = 1; int32 nanos = 2; }
  message Quote { string sku = 1; int32 count = 2; string id = 3; Timestamp at = 4; repeated Line lines = 5; }
  message Line { string name = 1; double price = 2; }`);

const QUOTE = root.lookupType('Quote');

export interface Quote {
  readonly sku?: string;
  readonly count?: number;
  readonly id?: string;
  readonly at?: { readonly seconds: number; readonly nanos?: number };
  readonly lines?: readonly { readonly name: string; readonly price: number }[];
}

export function quote(value: Quote): Uint8Array {
  return QUOTE.encode(QUOTE.fromObject(value)).finish();
}
