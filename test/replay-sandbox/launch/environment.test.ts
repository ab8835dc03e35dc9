import { describe, expect, it } from 'vitest';
import { debuggableCommand, serviceEnvironment } from '../../../replay-sandbox/launch/environment.ts';

const OURS = { port: 8080, authorityFile: '/t/authority.pem', bundleFile: '/t/bundle.pem' };
const environment = (inherited: Record<string, string | undefined>, settings: Record<string, string> = {}) =>
  serviceEnvironment({ ...OURS, inherited, settings });

describe('the environment of the service', () => {
  it('has the port, the authority in every way a runtime looks for it, and a mark', () => {
    expect(environment({})).toEqual({
      PORT: '8080',
      NODE_EXTRA_CA_CERTS: '/t/authority.pem',
      SSL_CERT_FILE: '/t/bundle.pem',
      REQUESTS_CA_BUNDLE: '/t/bundle.pem',
      GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: '/t/bundle.pem',
      LOOP_REPLAY: '1',
    });
  });

  it.each(['PATH', 'HOME', 'LANG', 'JAVA_HOME', 'PYTHONPATH', 'VIRTUAL_ENV'])('keeps %s', (name) => {
    expect(environment({ [name]: 'x' })).toMatchObject({ [name]: 'x' });
  });

  it.each([
    'http_proxy',
    'HTTPS_PROXY',
    'ALL_PROXY',
    'NO_PROXY',
    'NODE_USE_ENV_PROXY',
    'NODE_OPTIONS',
    'npm_config_registry',
    'AWS_ACCESS_KEY_ID',
    'GOOGLE_APPLICATION_CREDENTIALS',
    'AZURE_CLIENT_ID',
    'GITHUB_TOKEN',
    'SSH_AUTH_SOCK',
    'DB_PASSWORD',
    'STRIPE_SECRET_KEY',
    'MY_API_KEY',
    'APIKEY',
    'PGPASSWD',
  ])('leaves %s of the person’s shell outside', (name) => {
    expect(environment({ [name]: 'x' })).not.toHaveProperty(name);
  });

  it('loop.yaml may give what the shell may not, and wins', () => {
    expect(
      environment(
        { DB_PASSWORD: 'mine', PORT: '1' },
        { DB_PASSWORD: 'theirs', PORT: '9', NODE_EXTRA_CA_CERTS: '/own' },
      ),
    ).toMatchObject({
      DB_PASSWORD: 'theirs',
      PORT: '9',
      NODE_EXTRA_CA_CERTS: '/own',
    });
  });

  it('passes nothing on that is not set', () => {
    expect(Object.keys(environment({ GONE: undefined }))).not.toContain('GONE');
  });
});

describe('a command that a debugger can wait for', () => {
  it.each([
    [
      ['node', 'server.js'],
      ['node', '--inspect-wait=127.0.0.1:9229', 'server.js'],
    ],
    [
      ['/usr/bin/node', '--enable-source-maps', 'a.js', '--inspect'],
      ['/usr/bin/node', '--inspect-wait=127.0.0.1:9229', '--enable-source-maps', 'a.js', '--inspect'],
    ],
    [
      ['nodejs', 'a.js'],
      ['nodejs', '--inspect-wait=127.0.0.1:9229', 'a.js'],
    ],
  ])('%j', (given, command) => {
    expect(debuggableCommand(given)).toEqual({ command, debuggable: true });
  });

  it.each([[['python3', 'node']], [['npm', 'start']], [['nodemon', 'a.js']], [[]]])(
    '%j is none, and stays as it is',
    (given: readonly string[]) => {
      expect(debuggableCommand(given)).toEqual({ command: given, debuggable: false });
    },
  );
});
