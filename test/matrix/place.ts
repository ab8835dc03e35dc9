/** Names that only the recorded app knows, as a cluster's are: it sees a hosts file of the row's own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the app dials, in the recording and in the replay. */
export const TARGET = 'target.matrix';

/** The command, in a mount namespace in which TARGET is this machine. */
export function withNames(command: readonly string[], directory: string): readonly string[] {
  const hosts = join(directory, 'hosts');
  writeFileSync(hosts, `127.0.0.1 localhost ${TARGET}\n`);
  const script = 'mount --bind "$0" /etc/hosts && exec "$@"';
  return ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', script, hosts, ...command];
}
