/** One thing that `npm run check` checks: a tool and what it is asked. */
export interface Step {
  readonly name: string;
  /** What it means when it fails, and what to type. */
  readonly hint: string;
  /** A script for Node, relative to the repository, and its arguments. */
  readonly command: readonly string[];
}

export const STEPS: readonly Step[] = [
  {
    name: 'types',
    hint: 'The compiler does not agree.',
    command: ['node_modules/typescript/bin/tsc', '--noEmit', '--pretty', 'false'],
  },
  {
    name: 'types-console',
    hint: 'The compiler does not agree, with what a browser has.',
    command: ['node_modules/typescript/bin/tsc', '--noEmit', '--pretty', 'false', '-p', 'test/console'],
  },
  {
    name: 'lint',
    hint: 'The rules are in .oxlintrc.json.',
    command: ['node_modules/oxlint/bin/oxlint', '--deny-warnings'],
  },
  {
    name: 'format',
    hint: 'Type: npm run format',
    command: ['node_modules/oxfmt/bin/oxfmt', '--check'],
  },
  {
    name: 'boundaries',
    hint: 'Each rule and its reason is in scripts/check/boundaries.mjs.',
    command: [
      'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
      '--config',
      '.dependency-cruiser.mjs',
      '--output-type',
      'err-long',
      '.',
    ],
  },
  {
    name: 'dead-code',
    hint: 'Delete what nothing uses, or name a new entry point in knip.json.',
    command: ['node_modules/knip/bin/knip.js', '--no-progress'],
  },
  {
    name: 'test-tree',
    hint: 'Put each test where its subject is: test/src/wire/http2/frame.test.ts tests src/wire/http2/frame.ts.',
    command: ['scripts/check/test-tree.ts'],
  },
  {
    name: 'protocols',
    hint: 'Each protocol has the same files in each layer (docs/ARCHITECTURE.md, "A protocol"); what only one has goes into its folder language/.',
    command: ['scripts/check/protocols.ts'],
  },
  {
    name: 'schema',
    hint: 'Type: node scripts/schema/main.ts && npm run format',
    command: ['scripts/schema/main.ts', '--check'],
  },
];

/** The named steps in their usual order, or what was asked for that does not exist. */
export function selectSteps(names: readonly string[]): readonly Step[] | { readonly unknown: readonly string[] } {
  const unknown = names.filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length > 0) return { unknown };
  return names.length === 0 ? STEPS : STEPS.filter((step) => names.includes(step.name));
}
