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
  root.loadSync(['envoy/service/ext_proc/v3/external_processor.proto', 'envoy/service/accesslog/v3/als.proto']);
  root.resolveAll();
  return root;
}

function messagesIn(namespace: protobuf.NamespaceBase): protobuf.Type[] {
  return namespace.nestedArray.flatMap((nested) => {
    if (nested instanceof protobuf.Type) return [nested, ...messagesIn(nested)];
    return nested instanceof protobuf.Namespace ? messagesIn(nested) : [];
  });
}

function enumsIn(namespace: protobuf.NamespaceBase): protobuf.Enum[] {
  return namespace.nestedArray.flatMap((nested) => {
    if (nested instanceof protobuf.Enum) return [nested];
    return nested instanceof protobuf.Namespace ? enumsIn(nested) : [];
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
      'AccessLogCommon',
      'Address',
      'BodyResponse',
      'EnvoyInternalAddress',
      'HTTPAccessLogEntries',
      'HTTPAccessLogEntry',
      'HTTPRequestProperties',
      'HTTPResponseProperties',
      'HeaderMap',
      'HeaderValue',
      'HeadersResponse',
      'HttpBody',
      'HttpHeaders',
      'HttpTrailers',
      'Identifier',
      'Node',
      'Pipe',
      'ProcessingRequest',
      'ProcessingResponse',
      'ResponseFlags',
      'SocketAddress',
      'StreamAccessLogsMessage',
      'StreamAccessLogsResponse',
      'TrailersResponse',
      'Unauthorized',
    ]);
  });

  test.each(messages.map((message) => [message.fullName, message] as const))('%s', (name, message) => {
    const theirs = envoys.lookupType(name);
    const shapes = (type: protobuf.Type, names: readonly string[]) =>
      names.map((name) => [name, type.fields[name] && wireShape(type.fields[name])]);
    const names = message.fieldsArray.map((field) => field.name);
    expect(shapes(theirs, names)).toEqual(shapes(message, names));
  });

  test.each(enumsIn(ours.lookup('envoy') as protobuf.Namespace).map((one) => [one.fullName, one] as const))(
    '%s',
    (name, one) => expect(envoys.lookupEnum(name).values).toMatchObject(one.values),
  );

  test.each([
    ['envoy.service.ext_proc.v3.ExternalProcessor', 'Process', 'ProcessingRequest', 'ProcessingResponse', true],
    [
      'envoy.service.accesslog.v3.AccessLogService',
      'StreamAccessLogs',
      'StreamAccessLogsMessage',
      'StreamAccessLogsResponse',
      false,
    ],
  ])('the call of %s', (service, method, requestType, responseType, answers) => {
    for (const root of [envoys, ours]) {
      const { requestStream, responseStream, ...call } = root.lookupService(service).methods[method] ?? {};
      expect(call).toMatchObject({ requestType, responseType });
      expect([requestStream ?? false, responseStream ?? false]).toEqual([true, answers]);
    }
  });
});
