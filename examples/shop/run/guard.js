/**
 * A process of its own that outlives the one that started the shop: when its standard input ends, for whatever reason, it stops the
 * processes it was told of and removes the directories. Lines: `+pid`, `-pid`, `rm path`. JavaScript, because it is started by its path,
 * from the sources and from the build alike.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE_MS = 3000;
const pids = new Set();
const directories = [];

// A Ctrl-C reaches the whole group of the terminal; this process has to be the last.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  if (line.startsWith('+')) pids.add(Number(line.slice(1)));
  else if (line.startsWith('-')) pids.delete(Number(line.slice(1)));
  else if (line.startsWith('rm ')) directories.push(line.slice('rm '.length));
}

// SIGINT is Postgres's fast shutdown and an ordinary stop for everything else.
for (const pid of pids) signalled(pid, 'SIGINT');
const end = performance.now() + PATIENCE_MS;
while ([...pids].some((pid) => signalled(pid, 0)) && performance.now() < end) await delay(50);
for (const pid of pids) signalled(pid, 'SIGKILL');
for (const directory of directories) rmSync(directory, { recursive: true, force: true });

function signalled(pid, signal) {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
