/** Whether what runs here is what was recorded: the version the sidecar told, against git or what loop.yaml says. */
import { execFile } from 'node:child_process';

export interface VersionReport {
  /** What the sidecar said of its service; null when it said nothing. */
  readonly recorded: string | null;
  /** Commit or description of what runs here, `-dirty` behind it when there are changes; null when nobody knows. */
  readonly here: string | null;
  /** Null when the two cannot be compared. */
  readonly same: boolean | null;
}

export interface Checkout {
  readonly commit: string;
  /** Names of tags at this commit. */
  readonly tags: readonly string[];
  readonly tagged: boolean;
  readonly dirty: boolean;
}

export interface VersionQuestion {
  readonly recorded: string | undefined;
  /** loop.yaml's. */
  readonly named: string | undefined;
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const GIT_MS = 3000;

/** Never throws: without git, or outside a repository, nothing is known. */
export async function compareVersions({ recorded, named, directory, env }: VersionQuestion): Promise<VersionReport> {
  const known = recorded ?? null;
  if (named !== undefined) return { recorded: known, here: named, same: known === null ? null : known === named };
  if (known === null) return { recorded: null, here: null, same: null };
  const checkout = await checkoutOf(directory, env);
  if (checkout === undefined) return { recorded: known, here: null, same: null };
  const { commit, tags, dirty } = checkout;
  const here = `${tags[0] ?? commit.slice(0, 12)}${dirty ? '-dirty' : ''}`;
  return { recorded: known, here, same: isSame(known, checkout) };
}

/** Undefined when there is nothing to say: one sentence for a person. */
export function versionWarning({ recorded, here, same }: VersionReport): string | undefined {
  if (same !== false) return undefined;
  const dirty = here?.endsWith('-dirty') === true ? ' (with changes that are not committed)' : '';
  return `the recording is of version ${recorded}; here is ${here?.replace(/-dirty$/, '')}${dirty}`;
}

/** A version is a commit, the end of `git describe`, or a tag; of what looks like neither nothing can be said. */
function isSame(recorded: string, { commit, tags, tagged, dirty }: Checkout): boolean | null {
  const hash = /^(?:.*-g)?([0-9a-f]{7,40})$/i.exec(recorded)?.[1]?.toLowerCase();
  if (hash !== undefined) return commit.startsWith(hash) && !dirty;
  const bare = (text: string): string => text.replace(/^v(?=\d)/, '');
  if (tags.some((tag) => bare(tag) === bare(recorded))) return !dirty;
  return tagged ? false : null;
}

async function checkoutOf(directory: string, env: VersionQuestion['env']): Promise<Checkout | undefined> {
  const git = (...words: readonly string[]): Promise<string | undefined> => ask(words, directory, env);
  const [commit, tags, all, status] = await Promise.all([
    git('rev-parse', 'HEAD'),
    git('tag', '--points-at', 'HEAD'),
    git('for-each-ref', '--count=1', 'refs/tags'),
    git('status', '--porcelain', '--untracked-files=no', '--', '.'),
  ]);
  if (commit === undefined || commit === '') return undefined;
  return {
    commit,
    tags: (tags ?? '').split('\n').filter((tag) => tag !== ''),
    tagged: all !== undefined && all !== '',
    dirty: status !== undefined && status !== '',
  };
}

function ask(words: readonly string[], cwd: string, env: VersionQuestion['env']): Promise<string | undefined> {
  const options = { cwd, env: { ...env, GIT_OPTIONAL_LOCKS: '0' }, timeout: GIT_MS };
  return new Promise((resolve) => {
    execFile('git', words, options, (error, stdout) => resolve(error === null ? stdout.trim() : undefined));
  });
}
