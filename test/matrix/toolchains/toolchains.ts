import type { Language } from '../manifest.ts';
import { go } from './go.ts';
import { java } from './java.ts';
import { node } from './node.ts';
import { python } from './python.ts';
import type { Toolchain } from './toolchain.ts';

export const TOOLCHAINS: Readonly<Record<Language, Toolchain>> = { node, python, go, java };
