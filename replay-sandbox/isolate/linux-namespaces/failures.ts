import { readFile } from 'node:fs/promises';
import { IsolationError } from '../isolation-error.ts';

interface FailureReport {
  readonly code: string;
  readonly errno: string;
  readonly detail: string;
}

const CLOSE_BY = 'Use another isolation backend, or run the replay on the machine itself instead of in a container.';

/** Why the kernel did not let us make a sandbox, in the words of the setting that has to be changed. */
export async function setUpFailure({ code, errno, detail }: FailureReport): Promise<IsolationError> {
  const facts = [code, detail, errno].filter((part) => part !== '').join(' ');
  if (code === 'bind' || code === 'bind-source') {
    const hint = 'Both files of a bind have to exist, and the one inside must not be in a directory that is missing.';
    return new IsolationError('bind-failed', `Cannot show a file in the sandbox: ${detail} (${errno}).`, hint);
  }
  if (isPermission(errno) || errno === 'ENOSPC' || errno === 'EINVAL') {
    const policy = await namespacePolicy();
    if (policy !== undefined) return new IsolationError('unavailable', `${policy.reason} (${facts}).`, policy.hint);
  }
  if (isPermission(errno)) {
    return new IsolationError('unavailable', `The kernel does not permit a sandbox here (${facts}).`, CLOSE_BY);
  }
  return new IsolationError('set-up-failed', `The sandbox could not be made (${facts}).`, CLOSE_BY);
}

function isPermission(errno: string): boolean {
  return errno === 'EPERM' || errno === 'EACCES';
}

interface Policy {
  readonly file: string;
  readonly refuses: string;
  readonly reason: string;
  readonly hint: string;
}

/** The known switches, with the value that means no. */
const POLICIES: readonly Policy[] = [
  {
    file: '/proc/sys/user/max_user_namespaces',
    refuses: '0',
    reason: 'User namespaces are switched off: user.max_user_namespaces is 0',
    hint: 'sudo sysctl user.max_user_namespaces=15000',
  },
  {
    file: '/proc/sys/user/max_net_namespaces',
    refuses: '0',
    reason: 'Network namespaces are switched off: user.max_net_namespaces is 0',
    hint: 'sudo sysctl user.max_net_namespaces=15000',
  },
  {
    file: '/proc/sys/kernel/unprivileged_userns_clone',
    refuses: '0',
    reason: 'User namespaces are for root only: kernel.unprivileged_userns_clone is 0',
    hint: 'sudo sysctl kernel.unprivileged_userns_clone=1',
  },
  {
    file: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    refuses: '1',
    reason: 'AppArmor takes all rights away in user namespaces: kernel.apparmor_restrict_unprivileged_userns is 1',
    hint: 'deploy/replay/loop-isolate.apparmor lets the sandbox alone have them (its first lines say how); for everything: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0',
  },
];

async function namespacePolicy(): Promise<Policy | undefined> {
  for (const policy of POLICIES) {
    const value = await readFile(policy.file, 'utf8').catch(() => '');
    if (value.trim() === policy.refuses) return policy;
  }
  return undefined;
}
