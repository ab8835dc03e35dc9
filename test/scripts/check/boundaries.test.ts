import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import config from '../../../.dependency-cruiser.mjs';

/** A small tree: what each file holds. The ones that keep to the arrows are what the others reach for. */
const TREE = {
  'src/domain/ids.ts': 'export const id = 1; export type Id = number;',
  'src/domain/greedy.ts': "import { join } from 'node:path'; export const path = join('a');",
  'src/wire/postgres/codec.ts': "import { id } from '../../domain/ids.ts'; export const codec = id;",
  'src/wire/postgres/dialing.ts': "import { connect } from 'node:net'; export const dial = connect;",
  'src/wire/postgres/storing.ts': "import { store } from '../../../storage/port.ts'; export const s = store;",
  'src/assembly/tree.ts':
    "import { codec } from '../wire/postgres/codec.ts'; export const tree = codec; export type Tree = 1;",
  'src/recorder/ring.ts': "import { readFileSync } from 'node:fs'; export const read = readFileSync;",
  'src/seal/cipher.ts': "import type { Tree } from '../assembly/tree.ts'; export const seal = (tree: Tree) => tree;",
  'src/seal/assembling.ts': "import { tree } from '../assembly/tree.ts'; export const sealed = tree;",
  'storage/port.ts': "import type { Id } from '../src/domain/ids.ts'; export const store = (id: Id) => id;",
  'storage/sqlite/opening.ts': "import { seal } from '../../src/seal/cipher.ts'; export const opened = seal;",
  'replay-sandbox/open.ts': "import { seal } from '../src/seal/cipher.ts'; export const open = seal;",
  'replay-sandbox/plan/peeking.ts': "import { seal } from '../../src/seal/cipher.ts'; export const peek = seal;",
  'replay-sandbox/plan/a.ts': "import { b } from './b.ts'; export const a = () => b;",
  'replay-sandbox/plan/b.ts': "import { a } from './a.ts'; export const b = () => a;",
  'replay-sandbox/plan/c.ts': "import type { D } from './d.ts'; export type C = D; export const c = 1;",
  'replay-sandbox/plan/d.ts': "import { c } from './c.ts'; export type D = typeof c;",
  'cli/main.ts': "import { store } from '../storage/port.ts'; export const main = store;",
  'cli/output/table.ts': "import { store } from '../../storage/port.ts'; export const table = store;",
  'examples/shop/cart.ts': "import { id } from '../../src/domain/ids.ts'; export const cart = id;",
};

const VIOLATIONS = [
  ['domain-imports-nothing', 'src/domain/greedy.ts', 'path'],
  ['pure-code-does-no-io', 'src/wire/postgres/dialing.ts', 'net'],
  ['arrows-of-wire', 'src/wire/postgres/storing.ts', 'storage/port.ts'],
  ['files-at-the-edge', 'src/recorder/ring.ts', 'fs'],
  ['seal-takes-types-of-assembly', 'src/seal/assembling.ts', 'src/assembly/tree.ts'],
  ['arrows-of-storage', 'storage/sqlite/opening.ts', 'src/seal/cipher.ts'],
  ['arrows-of-replay-sandbox', 'replay-sandbox/plan/peeking.ts', 'src/seal/cipher.ts'],
  ['no-cycles-of-values', 'replay-sandbox/plan/a.ts', 'replay-sandbox/plan/b.ts'],
  ['arrows-of-cli', 'cli/output/table.ts', 'storage/port.ts'],
  ['arrows-of-examples', 'examples/shop/cart.ts', 'src/domain/ids.ts'],
] as const;

describe('the boundaries', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loop-boundaries-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  let found: string[] = [];
  beforeAll(async () => {
    for (const [path, text] of Object.entries(TREE)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    found = await violationsIn(folder);
  });

  it.each(VIOLATIONS)('%s: %s must not import %s', (rule, from, to) => {
    expect(found).toContain(`${rule}: ${from} → ${to}`);
  });

  it('finds nothing wrong with the rest', () => {
    expect(found.toSorted()).toEqual(VIOLATIONS.map(([rule, from, to]) => `${rule}: ${from} → ${to}`).toSorted());
  });

  it('gives every rule its reason', () => {
    expect(config.forbidden.filter(({ comment }) => comment?.endsWith('.') !== true)).toEqual([]);
  });
});

async function violationsIn(folder: string): Promise<string[]> {
  const { tsConfig: _none, ...options } = config.options;
  const { output } = await cruise(['.'], {
    ...options,
    baseDir: folder,
    validate: true,
    ruleSet: { forbidden: config.forbidden },
  });
  if (typeof output === 'string') throw new Error('dependency-cruiser answered in text');
  return output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
}
