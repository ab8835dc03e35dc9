import { readFileSync } from 'node:fs';
import { findPackageFile } from './package-file.ts';

export function version(): string {
  return (JSON.parse(readFileSync(findPackageFile('package.json'), 'utf8')) as { readonly version: string }).version;
}
