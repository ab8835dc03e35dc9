/**
 * What a replay leaves behind, told by what belonged to it while it ran: every process below loopctl is seen as it comes and goes, with its
 * namespaces and the sockets it listens on. Other replays on the same machine do not disturb this.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface Leftovers {
  /** Command lines of what still runs. */
  readonly processes: readonly string[];
  /** `mnt:[4026533]`, held by a process that lives. */
  readonly namespaces: readonly string[];
  /** Lines of this process' mount table that name the temporary directory. */
  readonly mounts: readonly string[];
  /** Addresses that something still listens on. */
  readonly ports: readonly string[];
  /** Names in the temporary directory. */
  readonly files: readonly string[];
}

export interface Watch {
  /** Ends it: what is left once the kernel had its time to take it down. */
  left(): Promise<Leftovers>;
  /** How many processes, and namespaces of their own, were seen: none would make an empty answer worthless. */
  readonly seen: { readonly processes: number; readonly namespaces: number };
}

const LOOK_MS = 20;
/** For the kernel, on a machine that does something else, too. */
const DOWN_MS = 20_000;
/** Files may be meant to stay: after all else is gone, no more than this is waited for them. */
const FILES_MS = 2_000;
const KINDS = ['mnt', 'net', 'pid', 'user', 'ipc', 'uts', 'cgroup'] as const;

/** From now on, of the process and what it starts, and of files in `temporary`. */
export function watchTree(pid: number, temporary: string): Watch {
  const own = new Set(namespacesOf(process.pid));
  const processes = new Map<string, string>();
  const namespaces = new Set<string>();
  const sockets = new Set<string>();
  const look = (): void => {
    for (const id of [pid, ...below(pid)]) {
      const name = identity(id);
      if (name === undefined) continue;
      processes.set(name, commandLine(id));
      for (const space of namespacesOf(id)) if (!own.has(space)) namespaces.add(space);
      for (const inode of socketsOf(id)) sockets.add(inode);
    }
  };
  look();
  const timer = setInterval(look, LOOK_MS);
  const now = (): Leftovers => {
    const ids = allProcesses();
    const alive = ids.filter((id) => processes.has(identity(id) ?? ''));
    const held = new Set(ids.flatMap(namespacesOf));
    return {
      processes: alive.map(commandLine),
      namespaces: [...namespaces].filter((space) => held.has(space)),
      mounts: readFileSync('/proc/self/mountinfo', 'utf8')
        .split('\n')
        .filter((line) => line.includes(temporary)),
      ports: listening().flatMap(({ address, inode }) => (sockets.has(inode) ? [address] : [])),
      files: readdirSync(temporary),
    };
  };
  return {
    get seen() {
      return { processes: processes.size, namespaces: namespaces.size };
    },
    async left() {
      clearInterval(timer);
      const deadline = performance.now() + DOWN_MS;
      let filesUntil = deadline;
      for (;;) {
        const found = now();
        if (isNothing({ ...found, files: [] })) filesUntil = Math.min(filesUntil, performance.now() + FILES_MS);
        if (isNothing(found) || performance.now() > filesUntil) return found;
        await delay(LOOK_MS);
      }
    },
  };
}

export function isNothing(left: Leftovers): boolean {
  return Object.values(left).every((some: readonly string[]) => some.length === 0);
}

function allProcesses(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** proc(5): children of every thread. */
function below(pid: number): readonly number[] {
  const children = attempt(() => readdirSync(`/proc/${pid}/task`), []).flatMap((thread) =>
    attempt(() => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'), '')
      .split(' ')
      .filter(Boolean)
      .map(Number),
  );
  return children.flatMap((child) => [child, ...below(child)]);
}

/** The id with the time it began, since ids are given anew; a zombie is gone. */
function identity(pid: number): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'), '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return stat === '' || fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${pid} ${fields[19] ?? ''}`;
}

function commandLine(pid: number): string {
  return attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'), '')
    .replaceAll('\0', ' ')
    .slice(0, 200);
}

function namespacesOf(pid: number): readonly string[] {
  return KINDS.flatMap((kind) => {
    const space = attempt(() => readlinkSync(`/proc/${pid}/ns/${kind}`), '');
    return space === '' ? [] : [space];
  });
}

function socketsOf(pid: number): readonly string[] {
  return attempt(() => readdirSync(`/proc/${pid}/fd`), []).flatMap((fd) => {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`), '')) ?? [];
    return inode === undefined ? [] : [inode];
  });
}

const LISTENS = '0A';

/** Of this network namespace. */
function listening(): readonly { readonly address: string; readonly inode: string }[] {
  return ['tcp', 'tcp6'].flatMap((table) =>
    attempt(() => readFileSync(`/proc/net/${table}`, 'utf8'), '')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === LISTENS)
      .map((fields) => ({ address: fields[1] ?? '', inode: fields[9] ?? '' })),
  );
}

/** What is looked at may be gone meanwhile, or be another user's. */
function attempt<Value>(read: () => Value, otherwise: Value): Value {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
