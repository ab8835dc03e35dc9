import { readFileSync } from 'node:fs';
import { readDescriptorSet } from '../wire/protobuf/descriptor.ts';
import type { DescriptorFault } from '../wire/protobuf/descriptor.ts';
import type { Schema } from '../wire/protobuf/schema.ts';
import { firstOf, schemaOf } from '../wire/protobuf/schema.ts';
import type { Config } from './config.ts';
import { DaemonError } from './error.ts';

/** A file may be so large. googleapis, whole, has 12 MB. */
const MAX_BYTES = 64 * 1024 * 1024;
const HINT = 'Write it with protoc --include_imports --descriptor_set_out=shop.pb, or buf build -o shop.pb.';

/** Throws DaemonError `bad-config` naming the file and what is wrong with it. */
export function configuredSchema({ protobuf }: Pick<Config, 'protobuf'>): Schema {
  return firstOf(protobuf.descriptors.map(readSet));
}

function readSet(file: string): Schema {
  const bytes = readBytes(file);
  if (bytes.length > MAX_BYTES) throw wrong(file, `has ${bytes.length} bytes, and ${MAX_BYTES} is the most`);
  const tables = readDescriptorSet(bytes);
  if ('fault' in tables) throw wrong(file, WHY[tables.fault]);
  if (tables.messages.size === 0) throw wrong(file, 'has no message in it');
  for (const { path, input, output } of tables.methods.values())
    for (const type of [input, output])
      if (!tables.messages.has(type)) throw wrong(file, `has no ${type}, which ${path} speaks`);
  return schemaOf(tables);
}

const NOT_A_SET = 'is no FileDescriptorSet';
const WHY: Readonly<Record<DescriptorFault['fault'], string>> = {
  'no-descriptors': NOT_A_SET,
  'bad-tag': NOT_A_SET,
  'bad-varint': NOT_A_SET,
  group: NOT_A_SET,
  truncated: `${NOT_A_SET}, or is cut off`,
  'too-many': 'has more fields than can be taken',
  'too-deep': 'has messages too deep in each other',
};

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new DaemonError(
      'bad-config',
      `protobuf.descriptors: ${file} cannot be read: ${String(cause)}.`,
      'Check the path: it starts from the directory of the configuration file.',
      { cause },
    );
  }
}

function wrong(file: string, what: string): DaemonError {
  return new DaemonError('bad-config', `protobuf.descriptors: ${file} ${what}.`, HINT);
}
