import type { Language } from '../manifest.ts';
import { node } from './node.ts';
import type { Toolchain } from './toolchain.ts';

const soon: Toolchain = async ({ language }) =>
  await Promise.resolve({ kind: 'lacking', reason: `the harness does not know ${language} yet` });

export const TOOLCHAINS: Readonly<Record<Language, Toolchain>> = { node, python: soon, go: soon, java: soon };
