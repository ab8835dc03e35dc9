/** google.protobuf.StringValue, as generated code would write it. */
import protobuf from 'protobufjs';

const { root } = protobuf.parse('syntax = "proto3"; message StringValue { string value = 1; }');
const TYPE = root.lookupType('StringValue');

export const encode = (value: string): Buffer => Buffer.from(TYPE.encode({ value }).finish());

export const decode = (bytes: Buffer): string =>
  TYPE.toObject(TYPE.decode(bytes), { defaults: true })['value'] as string;
