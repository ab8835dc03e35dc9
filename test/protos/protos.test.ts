import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';
import { root as ours } from '../support/extproc.ts';

// The package carries Envoy's API protos and all they import.
const folderOf = (name: string) => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
const INCLUDES = [
  ...['envoy-api', 'googleapis', 'protoc-gen-validate', 'xds'].map((name) =>
    join(folderOf('@grpc/grpc-js-xds'), 'deps', name),
  ),
  folderOf('protobufjs'),
];

const envoys = loadEnvoys();

function loadEnvoys(): protobuf.Root {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) =>
    INCLUDES.map((dir) => join(dir, target)).find((path) => existsSync(path)) ?? target;
  root.loadSync('envoy/service/ext_proc/v3/external_processor.proto');
  root.resolveAll();
  return root;
}

function messagesIn(namespace: protobuf.NamespaceBase): protobuf.Type[] {
  return namespace.nestedArray.flatMap((nested) => {
    if (nested instanceof protobuf.Type) return [nested, ...messagesIn(nested)];
    return nested instanceof protobuf.Namespace ? messagesIn(nested) : [];
  });
}

/** What decides the bytes of a field. */
function wireShape(field: protobuf.Field): object {
  field.resolve();
  return {
    number: field.id,
    type: field.resolvedType?.fullName ?? field.type,
    repeated: field.repeated,
    key: field instanceof protobuf.MapField ? field.keyType : undefined,
    oneof: field.partOf?.name,
  };
}

describe('our protos say what Envoy says', () => {
  ours.resolveAll();
  const messages = messagesIn(ours.lookup('envoy') as protobuf.Namespace);

  test('all of them are here', () => {
    expect(messages.map((message) => message.name).toSorted()).toEqual([
      'BodyResponse',
      'HeaderMap',
      'HeaderValue',
      'HeadersResponse',
      'HttpBody',
      'HttpHeaders',
      'HttpTrailers',
      'ProcessingRequest',
      'ProcessingResponse',
      'TrailersResponse',
    ]);
  });

  test.each(messages.map((message) => [message.fullName, message] as const))('%s', (name, message) => {
    const theirs = envoys.lookupType(name);
    const shapes = (type: protobuf.Type, names: readonly string[]) =>
      names.map((name) => [name, type.fields[name] && wireShape(type.fields[name])]);
    const names = message.fieldsArray.map((field) => field.name);
    expect(shapes(theirs, names)).toEqual(shapes(message, names));
  });

  test('the call', () => {
    const call = envoys.lookupService('envoy.service.ext_proc.v3.ExternalProcessor').methods['Process'];
    const own = ours.lookupService('envoy.service.ext_proc.v3.ExternalProcessor').methods['Process'];
    expect(own).toMatchObject({
      requestType: 'ProcessingRequest',
      responseType: 'ProcessingResponse',
      requestStream: true,
      responseStream: true,
    });
    expect(call).toMatchObject({
      requestType: 'ProcessingRequest',
      responseType: 'ProcessingResponse',
      requestStream: true,
      responseStream: true,
    });
  });
});
