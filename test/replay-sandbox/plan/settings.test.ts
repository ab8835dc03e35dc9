import { describe, expect, it } from 'vitest';
import type { SettingsRequest } from '../../../replay-sandbox/plan/settings.ts';
import { settingsFor } from '../../../replay-sandbox/plan/settings.ts';

const ORDERS = {
  directory: 'services/orders',
  command: ['python3', 'server.py'],
  port: 8080,
  ready: '/healthz',
  env: { A: '1' },
  loopback: {},
  map: {},
  keep: [],
};
const PROJECT = {
  directory: '/repo',
  services: { orders: ORDERS, bare: { directory: '.', port: 1, env: {}, loopback: {}, map: {}, keep: [] } },
};

const ask = (more: Partial<SettingsRequest>) =>
  settingsFor({
    service: 'orders',
    project: PROJECT,
    currentDirectory: '/repo/here',
    port: undefined,
    command: [],
    ...more,
  });

describe('how the service is run', () => {
  it('as loop.yaml says, in the directory it says', () => {
    expect(ask({})).toEqual({
      ...ORDERS,
      run: ['python3', 'server.py'],
      workingDirectory: '/repo/services/orders',
      projectDirectory: '/repo',
    });
  });

  it('by a command given, where it was given', () => {
    expect(ask({ command: ['node', 'x.js'] })).toMatchObject({
      run: ['node', 'x.js'],
      workingDirectory: '/repo/here',
      port: 8080,
      env: { A: '1' },
    });
  });

  it('a port given counts more', () => {
    expect(ask({ port: 9 })).toMatchObject({ port: 9, ready: '/healthz' });
  });

  it('a port and a command stand in for a loop.yaml, and for another’s', () => {
    const expected = {
      port: 9,
      run: ['node'],
      workingDirectory: '/repo/here',
      projectDirectory: '/repo/here',
      env: {},
    };
    expect(ask({ project: undefined, port: 9, command: ['node'] })).toMatchObject(expected);
    expect(ask({ service: 'stock', port: 9, command: ['node'] })).toMatchObject(expected);
  });

  it.each<[string, Partial<SettingsRequest>, string, RegExp]>([
    ['no loop.yaml', { project: undefined }, 'no-service', /no loop\.yaml here or above/],
    ['another repository', { service: 'stock' }, 'wrong-service', /the loop\.yaml in \/repo knows orders, bare\.$/],
    ['no command', { service: 'bare' }, 'no-service', /Nothing says how "bare" is started/],
    ['no command beside a port', { project: undefined, port: 9 }, 'no-service', /Nothing says how "orders" is started/],
  ])('%s: a sentence', (_what, more, code, message) => {
    expect(() => ask(more)).toThrow(
      expect.objectContaining({
        code,
        message: expect.stringMatching(message) as string,
        hint: expect.any(String) as string,
      }),
    );
  });
});
