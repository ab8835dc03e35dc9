import { describe, expect, it } from 'vitest';
import { serviceEnvironment } from '../../../../replay-sandbox/launch/environment/environment.ts';

const environment = (inherited: Record<string, string | undefined>) =>
  serviceEnvironment({ port: 8080, inherited }).env;

describe('the environment of the service', () => {
  it('has the port and a mark', () => {
    expect(environment({})).toEqual({ PORT: '8080', LOOP_REPLAY: '1' });
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
    'AWS_PROFILE',
    'GOOGLE_APPLICATION_CREDENTIALS',
    'AZURE_CLIENT_ID',
    'SSH_AUTH_SOCK',
  ])('leaves %s of the person’s shell outside', (name) => {
    expect(environment({ [name]: 'x' })).not.toHaveProperty(name);
  });

  it('passes nothing on that is not set', () => {
    expect(Object.keys(environment({ GONE: undefined }))).not.toContain('GONE');
  });
});
