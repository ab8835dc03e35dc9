import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/daemon/config.ts';
import { redactionRules } from '../../../src/daemon/redaction.ts';
import { newDataKey, redactionKey } from '../../../src/seal/keys.ts';
import { createRedactor } from '../../../src/seal/redact.ts';
import { loopctl, LOOPD, start } from '../../support/cli.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

function written(yaml: string): string {
  const file = join(temporaryDirectory(), 'loopd.yaml');
  writeFileSync(file, yaml);
  return file;
}

it('reads rules from loopd.yaml; without any, and sealed, is the default', () => {
  const file = written(String.raw`
originals: none
redaction:
  names: [tax_id]
  patterns: [{ name: employee, pattern: '\bEMP-\d{6}\b' }]
  leave: [query:page_token]
`);
  const config = readConfig(file, { data: '/nowhere' });
  const redact = createRedactor(redactionKey(newDataKey()), { rules: redactionRules(config) });
  expect(config.originals).toBe('none');
  expect(redact.text('/a?tax_id=1&page_token=2&by=EMP-123456')).toMatch(
    /^\/a\?tax_id=REDACTED\(.*\)&page_token=2&by=REDACTED\(.*\)$/,
  );
  expect(readConfig(undefined, { data: '/nowhere' })).toMatchObject({ originals: 'sealed', redaction: { names: [] } });
});

describe('a rule that cannot be used', () => {
  it.each([
    ['redaction: { patterns: [{ name: a, pattern: "(?=x)" }] }', 'Error: redaction: The pattern "a" is not valid: '],
    ['redaction: { leave: [page_token] }', 'Error: redaction: "page_token" names no place.\nTry: Write one of '],
    ['redaction: { nmaes: [a] }', 'is not right: redaction: Unrecognized key: "nmaes".'],
  ])('keeps loopd from starting: %s', async (yaml, said) => {
    const { code, stderr } = await start(LOOPD, ['--config', written(yaml)], { data: temporaryDirectory() }).ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining(said)]);
  });

  it('is refused by the dry run, with the file that cannot be read', async () => {
    const data = temporaryDirectory();
    const { code, stderr } = await loopctl(['redaction', 'test', '0', '--rules', join(data, 'none.yaml')], { data });
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^Error: The rules .*none\.yaml cannot be read: .*\nTry: Check the path\.\n$/),
    ]);
  });
});
