/** Descriptors that a server gave away when it was asked for them. https://github.com/grpc/grpc/blob/master/doc/server-reflection.md */
import { FieldWalk } from '../protobuf/fields.ts';
import type { DescriptorLimits } from '../protobuf/descriptor.ts';
import { readFileDescriptors } from '../protobuf/descriptor.ts';
import type { SchemaTables } from '../protobuf/schema.ts';
import { readGrpcMessages } from './messages.ts';

/** A server says what it likes: less is believed than of a file somebody configured. */
const LIMITS: DescriptorLimits = { members: 20_000 };
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_FILES = 2000;

/**
 * What one stream of ServerReflectionResponses tells; undefined when that is nothing. Two versions of the interface have the same numbers:
 * file_descriptor_response = 4 { repeated bytes file_descriptor_proto = 1 }.
 */
export function readReflection(
  body: readonly Uint8Array[],
  encoding: string | undefined,
  limits = LIMITS,
): SchemaTables | undefined {
  const { messages } = readGrpcMessages(body, encoding, MAX_BYTES);
  // Each question is answered with all the files it takes, so that most of them come again and again.
  const files = new Map<string, Uint8Array>();
  for (const message of messages)
    for (const answer of inside(message, 4))
      for (const file of inside(answer, 1)) if (files.size < MAX_FILES) files.set(nameOf(file), file);
  const tables = files.size === 0 ? { fault: 'nothing' } : readFileDescriptors([...files.values()], limits);
  return 'fault' in tables ? undefined : tables;
}

function inside(bytes: Uint8Array, field: number): readonly Uint8Array[] {
  const walk = new FieldWalk().over(bytes, 0, bytes.length);
  const found: Uint8Array[] = [];
  while (walk.next()) if (walk.isBytes(field)) found.push(bytes.subarray(walk.start, walk.end));
  return found;
}

/** Names are unique among the files of a server; one without is its own. */
function nameOf(file: Uint8Array): string {
  const [name] = inside(file, 1);
  return Buffer.from(name ?? file).toString('latin1');
}
