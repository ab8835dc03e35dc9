import { createHmac, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { serviceEnvironment } from '../../../../replay-sandbox/launch/environment/environment.ts';
import { placeholders } from '../../../../replay-sandbox/launch/environment/placeholder.ts';
import { withoutSecrets } from '../../../../replay-sandbox/launch/environment/secrets.ts';
import { signedRequest } from '../../../../replay-sandbox/launch/environment/signing.ts';
import type { Exchange } from '../../../../src/domain/exchange.ts';
import { recordingOf } from '../../../support/recording.ts';
import { openRecording } from '../../../../replay-sandbox/open.ts';

const made = placeholders(Buffer.alloc(16));
const without = (name: string, value: string): string => withoutSecrets(name, value, made);

function requestWith(
  headers: Readonly<Record<string, string>>,
  environment?: Readonly<Record<string, string>>,
): Exchange {
  const { transaction } = openRecording(
    recordingOf({ service: 'orders', trigger: { headers, answer: { status: 500 } } }),
    undefined,
  );
  const [exchange] = transaction.exchanges;
  if (exchange === undefined) throw new Error('nothing was recorded');
  return environment === undefined ? exchange : { ...exchange, vantage: { ...exchange.vantage, environment } };
}

const SECRET = 'a key of the shop, for tests only';
function token(key: string | Buffer, hash = 'sha256', alg = 'HS256'): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg })}.${part({ sub: 'me' })}`;
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`;
}

it('the working directory of a shell is no password', () => {
  expect(withoutSecrets('PWD', '/home/ann/shop', made)).toBe('/home/ann/shop');
  expect(withoutSecrets('DATABASE_PWD', '/home/ann/shop', made)).not.toBe('/home/ann/shop');
});

describe('what stands for a secret', () => {
  it.each([
    ['API_KEY', 'sk_live_abcDEF123456', /^sk_live_[a-z]{3}[A-Z]{3}\d{6}$/],
    ['SESSION_TOKEN', '0123456789abcdef', /^[0-9]{10}[a-f]{6}$/],
    ['ANY', `ghp_${'a'.repeat(36)}`, /^ghp_[a-z]{36}$/],
    ['ANY', 'postgres://me:s3cret@db/shop', /^postgres:\/\/me:[a-z]\d[a-z]{4}@db\/shop$/],
    ['ANY', 'host=db password=hunter2 dbname=shop', /^host=db password=[a-z]{6}\d dbname=shop$/],
  ])('%s of the same form', (name, value, form) => {
    const harmless = without(name, value);
    expect(harmless).toMatch(form);
    expect(harmless).not.toBe(value);
  });

  it.each([
    ['LANG', 'de_DE.UTF-8'],
    ['TOKEN_TTL', '3600'],
    ['USE_TOKEN', 'true'],
    ['PASSWORD', ''],
    ['URL', 'http://stock.shop/a?b=c'],
  ])('%s is none', (name, value) => expect(without(name, value)).toBe(value));

  it('is the same wherever the secret stands, and another in another replay', () => {
    const url = without('URL', 'postgres://me:s3cret@db/shop');
    expect(url).toContain(`:${without('DB_PASSWORD', 's3cret')}@`);
    expect(placeholders(Buffer.alloc(16, 1))('s3cret')).not.toBe(made('s3cret'));
  });

  it('of a private key is a private key of the same kind', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const harmless = without('SIGNER', pem);
    expect(harmless).not.toBe(pem);
    expect(createPrivateKey(harmless).asymmetricKeyDetails).toEqual({ namedCurve: 'secp384r1' });
  });

  it('of a token keeps its claims and not its signature', () => {
    const [head, claims, signature] = token(SECRET).split('.');
    const harmless = without('AUTH', token(SECRET)).split('.');
    expect(harmless.slice(0, 2)).toEqual([head, claims]);
    expect(harmless[2]).not.toBe(signature);
  });
});

describe('the key that signed the request', () => {
  it.each([
    ['as it is', SECRET, token(SECRET)],
    ['in base64', Buffer.from(SECRET).toString('base64'), token(SECRET)],
    ['by SHA-512', SECRET, token(SECRET, 'sha512', 'HS512')],
  ])('%s', (_, key, jwt) => {
    const signed = signedRequest(requestWith({ authorization: `Bearer ${jwt}` }));
    expect([key, 'another', ''].map(signed)).toEqual([true, false, false]);
  });

  it.each(['none', 'RS256', 'HS999', '__proto__'])('no token says so that names %s', (alg) => {
    expect(signedRequest(requestWith({ cookie: `a=${token(SECRET, 'sha256', alg)}` }))(SECRET)).toBe(false);
  });

  it('stays, and is told by name', () => {
    const trigger = requestWith({ authorization: `Bearer ${token(SECRET)}` });
    const inherited = { JWT_SECRET: SECRET, OTHER_SECRET: 'replaced', STAYS_SECRET: 'kept', PLAIN: 'kept' };
    const { env, report } = serviceEnvironment({ inherited, trigger, port: 1, keep: ['STAYS_SECRET', 'PLAIN'] });
    expect(env).toMatchObject({ JWT_SECRET: SECRET, STAYS_SECRET: 'kept' });
    expect(report).toEqual({ replaced: ['OTHER_SECRET'], recorded: [], kept: ['JWT_SECRET', 'STAYS_SECRET'] });
  });
});

describe('a recording that means harm', () => {
  it.each([
    'PATH',
    'HOME',
    'BASH_ENV',
    'ENV',
    'LD_PRELOAD',
    'DYLD_INSERT_LIBRARIES',
    'GLIBC_TUNABLES',
    'NODE_OPTIONS',
    'NODE_PATH',
    'NODE_EXTRA_CA_CERTS',
    'NODE_TLS_REJECT_UNAUTHORIZED',
    'PYTHONSTARTUP',
    'PYTHONPATH',
    'PYTHONHOME',
    'VIRTUAL_ENV',
    'PERL5OPT',
    'PERL5LIB',
    'RUBYOPT',
    'RUBYLIB',
    'JAVA_TOOL_OPTIONS',
    '_JAVA_OPTIONS',
    'JDK_JAVA_OPTIONS',
    'JAVA_HOME',
    'JRE_HOME',
    'CLASSPATH',
    'CATALINA_OPTS',
    'GOFLAGS',
    'GOPROXY',
    'GOCACHEPROG',
    'GOCACHE',
    'GOAUTH',
    'GOBIN',
    'GOTMPDIR',
    'GOSUMDB',
    'GOINSECURE',
    'GCCGO',
    'CGO_LDFLAGS',
    'CC',
    'CXX',
    'AR',
    'FC',
    'CFLAGS',
    'PKG_CONFIG_PATH',
    'PKG_CONFIG',
    'OPENSSL_CONF',
    'OPENSSL_MODULES',
    'SSL_CERT_FILE',
    'SSLKEYLOGFILE',
    'AWS_CONFIG_FILE',
    'AWS_PROFILE',
    'GOOGLE_APPLICATION_CREDENTIALS',
    'KUBECONFIG',
    'DOCKER_HOST',
    'GIT_SSH_COMMAND',
    'GIT_CONFIG_COUNT',
    'http_proxy',
    'ALL_PROXY',
    'PORT',
    'LOOP_REPLAY',
    'LOOP_CA',
    'PGPASSFILE',
    'PGSYSCONFDIR',
    'TMPDIR',
    'XDG_CONFIG_HOME',
    'COR_PROFILER',
    'CORECLR_PROFILER',
    'DOTNET_STARTUP_HOOKS',
    'RUSTC_WRAPPER',
    'RUSTFLAGS',
    'PHP_INI_SCAN_DIR',
    'HOSTALIASES',
    'SHELLOPTS',
    'PS4',
  ])('does not set %s', (name) => {
    const { env, report } = serviceEnvironment({
      inherited: {},
      trigger: requestWith({}, { [name]: '/evil' }),
      port: 1,
    });
    expect(env[name]).not.toBe('/evil');
    expect(report.recorded).toEqual([]);
  });

  it.each([
    'FEATURE_X',
    'REGION',
    'NODE_ENV',
    'GOLD_CUSTOMERS',
    'GOOGLE_REGION',
    'LOOPBACK_FEES',
    'GIT_SHA',
    'RUSTIC_MODE',
    'AWS_REGION',
  ])('what says nothing of how it runs, as %s, it may', (name) => {
    const { env, report } = serviceEnvironment({ inherited: {}, trigger: requestWith({}, { [name]: 'on' }), port: 1 });
    expect([env[name], report.recorded]).toEqual(['on', [name]]);
  });

  it('cannot hide a second variable behind a zero byte', () => {
    const trigger = requestWith({}, { REGION: 'eu\0LD_PRELOAD=/evil.so' });
    const { env, report } = serviceEnvironment({ inherited: {}, trigger, port: 1 });
    expect(JSON.stringify(env)).not.toContain('evil');
    expect(report.recorded).toEqual([]);
  });
});
