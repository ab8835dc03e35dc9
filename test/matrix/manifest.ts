/** `app.json`: what an app of the matrix is, and how it is run. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const LANGUAGE = z.enum(['node', 'python', 'go', 'java']);

const MANIFEST = z.strictObject({
  protocol: z.string(),
  driver: z.string(),
  language: LANGUAGE,
  /** The driver first, by its name in its registry: `pg`, `psycopg`, `github.com/jackc/pgx/v5`, `org.postgresql:postgresql`; ranges are for people. */
  packages: z.record(z.string(), z.string()).refine((packages) => Object.keys(packages).length > 0),
  /** What a person would type in the app's folder: `node main.js`, `python3 main.py`, `go run .`, `java Main`. */
  command: z.array(z.string()).min(1),
  /** One line. */
  workload: z.string(),
});

export type Language = z.infer<typeof LANGUAGE>;

export interface App extends Readonly<z.infer<typeof MANIFEST>> {
  /** `postgres/pg`: its folder below apps/, and what --only names. */
  readonly name: string;
  readonly directory: string;
  /** Where go.mod and pom.xml lie, and `name` begins. Absent: apps/. */
  readonly root?: string;
  /** Built so that a debugger sees every local: nothing optimised, names kept. */
  readonly debuggable?: true;
}

export const APPS = fileURLToPath(new URL('apps', import.meta.url));

/** All of them, or those whose protocol or name is among `only`. Throws when a manifest is wrong, or a name is of none. */
export function findApps(only: readonly string[] = []): readonly App[] {
  const apps = globSync('*/*/app.json', { cwd: APPS }).toSorted().map(readApp);
  const chosen = apps.filter(
    ({ name, protocol }) => only.length === 0 || only.includes(name) || only.includes(protocol),
  );
  const stray = only.find((word) => !apps.some(({ name, protocol }) => name === word || protocol === word));
  if (stray !== undefined)
    throw new Error(`No app is called ${stray}; there are ${apps.map(({ name }) => name).join(', ')}.`);
  return chosen;
}

function readApp(file: string): App {
  const directory = join(APPS, dirname(file));
  const parsed = MANIFEST.safeParse(JSON.parse(readFileSync(join(APPS, file), 'utf8')));
  if (!parsed.success) throw new Error(`${join(APPS, file)}: ${z.prettifyError(parsed.error)}`);
  return { ...parsed.data, name: dirname(file), directory };
}
