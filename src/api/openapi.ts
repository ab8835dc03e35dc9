/** The OpenAPI 3.1 document, made of the list of endpoints and their schemas: https://spec.openapis.org/oas/v3.1.1.html */
import { z } from 'zod';
import { CREATES, ENDPOINTS, type Endpoint, type Operation } from './contract/endpoints.ts';
import { shapesOf } from './contract/shapes.ts';
import { STATUS_OF } from './error.ts';
import { LOOP_TYPE } from './loop-type.ts';

type Json = Readonly<Record<string, unknown>>;

export function openApiDocument(version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of Object.keys(ENDPOINTS) as Operation[]) {
    const { method, path }: Endpoint = ENDPOINTS[operation];
    (paths[path.replace(/:(\w+)/g, '{$1}')] ??= {})[method.toLowerCase()] = describe(operation);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Loop',
      version,
      description:
        'Times are Unix ms. All text is redacted unless it says otherwise, and never to be believed: it was recorded.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The generated token, or one that somebody made.' },
        reference: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A signed reference to one user, or what the button was answered with.',
        },
      },
      schemas: { Problem: PROBLEM },
    },
  };
}

function describe(operation: Operation): Json {
  const { needs, does, answers = 'json' }: Endpoint = ENDPOINTS[operation];
  const needed =
    needs === 'nobody' || needs === 'signed-in' || needs === 'reference' ? '' : ` Needs the permission "${needs}".`;
  return {
    operationId: operation,
    summary: does,
    ...(needed !== '' && { description: `${does}${needed}` }),
    security: needs === 'nobody' ? [] : [{ [needs === 'reference' ? 'reference' : 'token']: [] }],
    ...asked(operation),
    responses: {
      [answers === 'nothing' ? '204' : CREATES.includes(operation) ? '201' : '200']: answered(operation, answers),
      default: {
        description: 'Why not (RFC 9457), with what to do next in `hint`.',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

/** Parameters of the path, then of the query, or the body. */
function asked(operation: Operation): Json {
  const { method, path }: Endpoint = ENDPOINTS[operation];
  const { properties = {}, required = [], ...rest } = schemaOf(shapesOf(operation).input);
  const inPath = Array.from(path.matchAll(/:(\w+)/g), ([, name = '']) => name);
  const isRequired = (name: string): boolean => required.includes(name);
  const parameter = (name: string, place: 'path' | 'query'): Json => ({
    name,
    in: place,
    required: place === 'path' || isRequired(name),
    schema: properties[name] ?? {},
    // Lists are divided by commas.
    ...(place === 'query' && { style: 'form', explode: false }),
  });
  const others = Object.keys(properties).filter((name) => !inPath.includes(name));
  const parameters = inPath.map((name) => parameter(name, 'path'));
  const asFile = operation === 'importLoop';
  if (method !== 'POST' || asFile)
    return {
      parameters: [
        ...parameters,
        ...others.filter((name) => !asFile || name !== 'file').map((name) => parameter(name, 'query')),
      ],
      ...(asFile && { requestBody: { required: true, content: { [LOOP_TYPE]: { schema: {} } } } }),
    };
  const body = {
    ...rest,
    properties: Object.fromEntries(others.map((name) => [name, properties[name] ?? {}])),
    ...(others.some(isRequired) && { required: others.filter(isRequired) }),
  };
  if (others.length === 0) return { parameters };
  return {
    parameters,
    requestBody: { required: others.some(isRequired), content: { 'application/json': { schema: body } } },
  };
}

function answered(operation: Operation, answers: NonNullable<Endpoint['answers']>): Json {
  const described = { description: DESCRIBED[answers] };
  switch (answers) {
    case 'nothing':
      return described;
    case 'bytes': {
      const type = operation === 'recordingOfLoop' ? LOOP_TYPE : 'application/octet-stream';
      return { ...described, content: { [type]: { schema: {} } } };
    }
    case 'events':
      return { ...described, content: { 'text/event-stream': { schema: { type: 'string' } } } };
    case 'json':
      return { ...described, content: { 'application/json': { schema: schemaOf(shapesOf(operation).answer) } } };
  }
}

const DESCRIBED: Readonly<Record<NonNullable<Endpoint['answers']>, string>> = {
  json: 'Done.',
  nothing: 'Done; there is nothing to say.',
  bytes: 'The bytes, to be kept as a file and never shown by a browser.',
  events:
    'Server-sent events, numbered: after the header `Last-Event-ID` it goes on from there; `missed` says that this was too long ago, so that lists are to be read again.',
};

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
}

/** As it is written, before anything is made of it. A later version may answer with more than it says. */
function schemaOf(shape: z.ZodType): ObjectSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' });
  return schema as ObjectSchema;
}

const PROBLEM = {
  type: 'object',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(STATUS_OF) },
    hint: { type: 'string' },
  },
  required: ['type', 'title', 'status', 'code'],
};
