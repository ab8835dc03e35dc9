import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compareVersions, versionWarning } from '../../../replay-sandbox/plan/version.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

function repository(): {
  readonly directory: string;
  readonly commit: string;
  readonly git: (...words: readonly string[]) => string;
} {
  const directory = temporaryDirectory();
  const who = [
    '-c',
    'user.name=a',
    '-c',
    'user.email=a@b.test',
    '-c',
    'commit.gpgsign=false',
    '-c',
    'tag.gpgsign=false',
  ];
  const git = (...words: readonly string[]): string =>
    execFileSync('git', [...who, ...words], { cwd: directory, encoding: 'utf8' }).trim();
  git('init', '-q');
  writeFileSync(join(directory, 'a'), '1');
  git('add', 'a');
  git('commit', '-q', '-m', 'one');
  return { directory, commit: git('rev-parse', 'HEAD'), git };
}

const compare = (directory: string, recorded: string | undefined, named?: string) =>
  compareVersions({ recorded, named, directory, env: process.env });

it('a commit, whole, short or described', async () => {
  const { directory, commit } = repository();
  for (const recorded of [commit, commit.slice(0, 8), `v1.2.0-3-g${commit.slice(0, 7)}`])
    expect(await compare(directory, recorded)).toMatchObject({ recorded, same: true });
  const other = await compare(directory, 'deadbeef');
  expect(versionWarning(other)).toBe(`the recording is of version deadbeef; here is ${commit.slice(0, 12)}`);
});

it('changes that are not committed are another version', async () => {
  const { directory, commit } = repository();
  writeFileSync(join(directory, 'a'), '2');
  const version = await compare(directory, commit);
  expect(version).toEqual({ recorded: commit, here: `${commit.slice(0, 12)}-dirty`, same: false });
  expect(versionWarning(version)).toContain('with changes that are not committed');
});

it('a tag, where there are any', async () => {
  const { directory, git } = repository();
  expect(await compare(directory, '1.4.0')).toMatchObject({ same: null });
  git('tag', 'v1.4.0');
  expect(await compare(directory, '1.4.0')).toEqual({ recorded: '1.4.0', here: 'v1.4.0', same: true });
  expect(await compare(directory, '1.3.9')).toMatchObject({ here: 'v1.4.0', same: false });
});

it('what loop.yaml names counts; without git nothing is said', async () => {
  expect(await compare('/', '1.4.0', '1.4.0')).toEqual({ recorded: '1.4.0', here: '1.4.0', same: true });
  const unknown = await compare(temporaryDirectory(), '1.4.0');
  expect([unknown, versionWarning(unknown)]).toEqual([{ recorded: '1.4.0', here: null, same: null }, undefined]);
  expect(await compare('/', undefined)).toEqual({ recorded: null, here: null, same: null });
});
