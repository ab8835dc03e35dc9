/** `support:` of loopd.yaml: tools whose pages may show the support button. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { SECRET_BYTES } from '../access/reference.ts';
import type { ButtonTool } from '../api/button/tool.ts';
import { DaemonError } from './error.ts';

const ORIGIN = z.string().refine((text) => isOrigin(text), 'an origin is https://helpdesk.example, without a path');

export const SUPPORT = z.strictObject({
  tools: z
    .array(
      z.strictObject({
        /** As `iss` of its references has it. */
        name: z.string().regex(/^[A-Za-z0-9._-]{1,30}$/, 'a name has up to 30 letters, digits, dots, hyphens'),
        /** File with the secret it signs with; one a line while it changes from one to the next. */
        secret: z.string().min(1),
        /** Of its pages. */
        origins: z.array(ORIGIN).max(20).default([]),
      }),
    )
    .max(50)
    .refine((tools) => new Set(tools.map(({ name }) => name)).size === tools.length, 'two tools have one name')
    .default([]),
});

export type SupportConfig = z.infer<typeof SUPPORT>;

/** Reads the secrets. Throws DaemonError `bad-config` naming the file. */
export function supportTools({ tools }: SupportConfig): readonly ButtonTool[] {
  return tools.map(({ name, secret, origins }) => ({ name, origins, secrets: readSecrets(secret, name) }));
}

/** Paths from the directory of the configuration file. */
export function supportWithPaths({ tools }: SupportConfig, base: string): SupportConfig {
  return { tools: tools.map((tool) => ({ ...tool, secret: resolve(base, tool.secret) })) };
}

function readSecrets(file: string, tool: string): readonly Uint8Array[] {
  const lines = readText(file, tool)
    .split('\n')
    .map((line) => Buffer.from(line.trim()))
    .filter(({ length }) => length > 0);
  if (lines.length > 0 && lines.every(({ length }) => length >= SECRET_BYTES)) return lines;
  throw new DaemonError(
    'bad-config',
    `The secret of the support tool "${tool}" in ${file} is ${lines.length === 0 ? 'empty' : `shorter than ${SECRET_BYTES} characters`}.`,
    `Make one: openssl rand -hex ${SECRET_BYTES} > ${file}`,
  );
}

function readText(file: string, tool: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new DaemonError(
      'bad-config',
      `The secret of the support tool "${tool}" cannot be read: ${said}.`,
      `Make one: openssl rand -hex ${SECRET_BYTES} > ${file}`,
      { cause },
    );
  }
}

function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
