import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ReplayError } from '../../../replay-sandbox/error.ts';
import { findProject, parseProject } from '../../../replay-sandbox/plan/project.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

function said(text: string): string {
  try {
    return JSON.stringify(parseProject(text, 'loop.yaml'));
  } catch (error) {
    return error instanceof ReplayError ? `${error.code}: ${error.message}` : String(error);
  }
}

describe('loop.yaml', () => {
  it('needs a port of each service, and no more', () => {
    expect(parseProject('version: 1\nservices:\n  orders: { port: 8080 }\n', 'loop.yaml')).toEqual({
      orders: { directory: '.', port: 8080, env: {}, loopback: {}, map: {}, keep: [] },
    });
  });

  it('may say more', () => {
    const text = `version: 1
services:
  orders:
    directory: services/orders
    command: [python3, -m, orders]
    port: 8080
    ready: /healthz
    env: { DATABASE_URL: "postgres://x" }
    loopback: { 15432: postgres }
`;
    expect(parseProject(text, 'loop.yaml')['orders']).toMatchObject({
      command: ['python3', '-m', 'orders'],
      ready: '/healthz',
      loopback: { 15432: 'postgres' },
    });
  });

  it.each([
    ['', 'bad-config: loop.yaml does not say how to run the services: top level: '],
    ['version: 2\nservices: {}', 'bad-config: loop.yaml does not say how to run the services: version: '],
    ['version: 1\nservices: { a: { port: 0 } }', 'services.a.port: '],
    ['version: 1\nservices: { a: { port: 80, ready: healthz } }', 'services.a.ready: '],
    ['version: 1\nservices: { a: { port: 80, prot: 1 } }', 'services.a: Unrecognized key: "prot"'],
    ['version: 1\nservices: { a: { port: 80, env: { N: 1 } } }', 'services.a.env.N: '],
    ['version: 1\nservices: { a: { port: 80, env: { N: "x\\0LD_PRELOAD=y" } } }', 'services.a.env.N: a zero byte'],
    ['version: 1\nservices: { a: { port: 80, loopback: { db: x } } }', 'services.a.loopback'],
    ['version: 1\nservices: { a: [', 'bad-config: loop.yaml is no valid YAML: '],
    ['version: 1\nversion: 1\n', 'bad-config: loop.yaml is no valid YAML: Map keys must be unique'],
  ])('%j: %s', (text, expected) => {
    expect(said(text)).toContain(expected);
  });

  it('is no place for a billion laughs', () => {
    expect(() => parseProject('a: &a [x]\nb: *a\nversion: 1\nservices: {}\n', 'loop.yaml')).toThrow(
      expect.objectContaining({ code: 'bad-config', message: 'loop.yaml has an alias (*name).' }),
    );
  });
});

describe('where it is', () => {
  it('here, or the nearest one above', () => {
    const root = temporaryDirectory();
    const deep = join(root, 'a/b/c');
    mkdirSync(deep, { recursive: true });
    expect(findProject(deep)).toBeUndefined();
    writeFileSync(join(root, 'loop.yaml'), 'version: 1\nservices: { far: { port: 1 } }');
    expect(findProject(deep)).toMatchObject({ directory: root, services: { far: {} } });
    writeFileSync(join(root, 'a/loop.yaml'), 'version: 1\nservices: { near: { port: 1 } }');
    expect(findProject(deep)).toMatchObject({ directory: join(root, 'a'), services: { near: {} } });
  });

  it('a directory of that name is told', () => {
    const root = temporaryDirectory();
    mkdirSync(join(root, 'loop.yaml'));
    expect(() => findProject(root)).toThrow(
      expect.objectContaining({ code: 'bad-config', message: expect.stringContaining('cannot be read') as string }),
    );
  });
});
