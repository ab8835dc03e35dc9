import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { mountSteps } from '../../../../replay-sandbox/isolate/linux-namespaces/mount-steps.ts';
import { makePlaces, openSandbox, runCommand, skipWithoutNamespaces } from '../../../support/sandbox.ts';

const FACTS = {
  scratchDirectory: '/tmp/s',
  generated: new Map([
    ['/etc/hosts', '/tmp/0'],
    ['/etc/resolv.conf', '/tmp/1'],
  ]),
  hostUnixSockets: ['/run/docker.sock'],
};

describe('the steps', () => {
  it('cover in this order, and what is asked for wins over what is generated', () => {
    const request = {
      projectDirectory: '/home/ann/shop',
      homeDirectory: '/home/ann',
      binds: new Map([['/etc/hosts', '/tmp/my-hosts']]),
      hiddenUnixSockets: 'all',
    } as const;
    expect(mountSteps(request, FACTS).join(' ')).toBe(
      [
        'scratch /tmp/s',
        'overlay /run empty',
        'overlay /tmp keep',
        'empty /dev/shm',
        'readonly /home/ann',
        'overlay /home/ann/shop readonly',
        'try-bind /tmp/1 /etc/resolv.conf',
        'bind /tmp/my-hosts /etc/hosts',
        'mask /run/docker.sock',
      ].join(' '),
    );
  });

  it('leave / writable where it is the home directory, and sockets where that is asked for', () => {
    const request = {
      projectDirectory: '/app',
      homeDirectory: '/',
      binds: new Map(),
      hiddenUnixSockets: 'none',
    } as const;
    expect(mountSteps(request, { ...FACTS, generated: new Map() }).join(' ')).toBe(
      ['scratch /tmp/s', 'overlay /app readonly'].join(' '),
    );
  });
});

describe('the file system inside', () => {
  beforeEach(skipWithoutNamespaces);

  it('throws away what is written to the project', async () => {
    const places = await makePlaces();
    await writeFile(join(places.project, 'kept'), 'as it was');
    await mkdir(join(places.project, 'build'));
    await writeFile(join(places.project, 'build', 'old'), '');
    const service = await runCommand(await openSandbox(places), places.project, [
      'sh',
      '-ec',
      'echo changed > kept; echo new > added; rm -r build; mkdir build; ls build; cat kept added',
    ]);
    expect(await service.ended).toMatchObject({ code: 0, stdout: 'changed\nnew\n', stderr: '' });
    expect(await readFile(join(places.project, 'kept'), 'utf8')).toBe('as it was');
    expect(await readdir(places.project, { recursive: true })).toEqual(['build', 'kept', 'build/old']);
  });

  it('has a home that can be read only', async () => {
    const places = await makePlaces();
    await writeFile(join(places.home, '.npmrc'), 'mine');
    const service = await runCommand(await openSandbox(places), places.project, [
      'sh',
      '-c',
      'cat ../.npmrc; touch ../.cache-file; rm ../.npmrc',
    ]);
    const { stdout, stderr } = await service.ended;
    expect(stdout).toBe('mine');
    expect(stderr.match(/Read-only file system/g)).toHaveLength(2);
    expect(await readdir(places.home)).toEqual(['.npmrc', 'project']);
  });

  it('throws away what is written to /tmp, next to the project too', async () => {
    const places = await makePlaces();
    const service = await runCommand(await openSandbox(places), places.project, [
      'sh',
      '-c',
      'echo written > ../../scrap; cat ../../scrap',
    ]);
    expect((await service.ended).stdout).toBe('written\n');
    expect(await readdir(places.root)).toEqual(['home']);
  });

  it('shows a file of the host under another name', async () => {
    const places = await makePlaces();
    const bundle = join(places.root, 'ca.pem');
    await writeFile(bundle, 'our authority');
    const binds = new Map([
      ['/etc/hosts', bundle],
      [join(places.project, 'certs', 'ca.pem'), bundle],
    ]);
    const service = await runCommand(await openSandbox(places, { binds }), places.project, [
      'cat',
      '/etc/hosts',
      'certs/ca.pem',
    ]);
    expect((await service.ended).stdout).toBe('our authorityour authority');
    expect(await readdir(places.project)).toEqual([]);
  });

  it('lets nobody inside change a file of the host that it is shown', async () => {
    const places = await makePlaces();
    const [outside, page] = [join(places.root, 'ca.pem'), join(places.root, 'page')];
    for (const path of [outside, page]) await writeFile(path, 'as it was');
    const binds = new Map([
      [join(places.project, 'ca.pem'), outside],
      [page, page],
    ]);
    const service = await runCommand(await openSandbox(places, { binds }), places.project, [
      'sh',
      '-c',
      `echo changed > ca.pem; true > ${page}; chmod 600 ${page}; rm -f ${page}; cat ca.pem ${page}`,
    ]);
    expect((await service.ended).stdout).toBe('as it wasas it was');
    for (const path of [outside, page]) expect(await readFile(path, 'utf8')).toBe('as it was');
  });

  it('resolves names by the sandbox and nobody else', async () => {
    const places = await makePlaces();
    const service = await runCommand(await openSandbox(places), places.project, [
      'sh',
      '-c',
      'cat /etc/resolv.conf; grep hosts: /etc/nsswitch.conf',
    ]);
    expect((await service.ended).stdout).toBe(
      'nameserver 192.0.2.53\noptions ndots:1 timeout:1 attempts:2\nhosts: files dns\n',
    );
  });

  it('takes a path with everything in it that mount options are made of', async () => {
    const places = await makePlaces();
    const project = join(places.home, 'a,b:c \\d=é');
    await mkdir(project);
    const service = await runCommand(await openSandbox(places, { projectDirectory: project }), project, [
      'sh',
      '-c',
      'touch here && ls',
    ]);
    expect(await service.ended).toMatchObject({ stdout: 'here\n', stderr: '' });
    expect(await readdir(project)).toEqual([]);
  });
});
