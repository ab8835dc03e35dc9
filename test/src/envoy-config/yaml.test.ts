import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Fields } from '../../../src/envoy-config/tree.ts';
import { toYaml } from '../../../src/envoy-config/yaml.ts';

test('short leaves stand on one line, long ones and typed ones do not, undefined is left out', () => {
  const shared = { address: '127.0.0.1', port_value: 80 };
  const tree = {
    admin: { address: { socket_address: shared } },
    again: shared,
    gone: undefined,
    router: { '@type': 'type.googleapis.com/x.Router' },
    long: ['request.method'.repeat(5), 'response.code'.repeat(5)],
  };
  expect(toYaml(tree, ['first', 'second'])).toBe(
    [
      '# first',
      '# second',
      'admin:',
      '  address:',
      '    socket_address: {address: 127.0.0.1, port_value: 80}',
      'again: {address: 127.0.0.1, port_value: 80}',
      'router:',
      '  "@type": type.googleapis.com/x.Router',
      'long:',
      `  - ${'request.method'.repeat(5)}`,
      `  - ${'response.code'.repeat(5)}`,
      '',
    ].join('\n'),
  );
});

test('whatever the names and values are, the text says the same as the tree', () => {
  const scalar = fc.oneof(fc.string(), fc.boolean(), fc.integer());
  const key = fc.string({ minLength: 1 }).filter((name) => name !== '__proto__');
  const tree = fc.dictionary(key, fc.oneof(scalar, fc.array(scalar), fc.dictionary(key, scalar)));
  fc.assert(
    fc.property(tree, (fields) => {
      expect(parse(toYaml(fields as Fields))).toEqual({ ...fields });
    }),
  );
});
