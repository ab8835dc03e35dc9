/**
 * A field of a protobuf message read without its schema. What is on the wire is certain (number, wire type, bits); what a
 * length-delimited field holds is guessed: `text`, `message`, else `bytes`. https://protobuf.dev/programming-guides/encoding/
 */
export type ProtoField =
  /** int32, int64, uint32, uint64, sint, bool, enum: the bits as an unsigned number. */
  | { readonly kind: 'varint'; readonly number: number; readonly value: bigint }
  /** fixed64, sfixed64, double: the bits. */
  | { readonly kind: 'fixed64'; readonly number: number; readonly value: bigint }
  /** fixed32, sfixed32, float: the bits. */
  | { readonly kind: 'fixed32'; readonly number: number; readonly value: number }
  | { readonly kind: 'text'; readonly number: number; readonly text: string }
  | { readonly kind: 'message'; readonly number: number; readonly fields: readonly ProtoField[] }
  | { readonly kind: 'bytes'; readonly number: number; readonly bytes: Uint8Array };
