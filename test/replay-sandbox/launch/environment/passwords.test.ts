import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { replayPostgres } from '../../../support/postgres-replay.ts';
import { passwordsOf } from '../../../../replay-sandbox/launch/environment/passwords.ts';

describe('passwords of Postgres in an environment', () => {
  it('are not the working directory', () => {
    expect(passwordsOf({ PWD: '/home/ann/shop', OLDPWD: '/home' })).toEqual({ postgres: [] });
  });

  it.each([
    ['libpq', { PGPASSWORD: 'one' }, ['one']],
    ['a URL', { DATABASE_URL: 'postgres://app:s%40crêt@db:5432/shop?sslmode=require' }, ['s@crêt']],
    ['SQLAlchemy', { DSN: 'postgresql+asyncpg://app:two@db/shop' }, ['two']],
    ['JDBC', { JDBC_URL: 'jdbc:postgresql://db/shop?user=app&password=three&ssl=true' }, ['three']],
    ['key and value', { DSN: String.raw`host=db password='fo\'ur' dbname=shop` }, ["fo'ur"]],
    ['unquoted', { DSN: 'password=five host=db' }, ['five']],
    [
      'each once',
      { PGPASSWORD: 'one', A: 'postgres://app:one@db/shop', B: 'postgres://app:two@db/shop' },
      ['one', 'two'],
    ],
    ['no password at all', { A: 'postgres://app@db/shop', REDIS_PASSWORD: 'x', HOME: '/', URL: 'http://a:b@c/' }, []],
    ['a name that says so', { DB_PASSWORD: 'six' }, ['six']],
    ['the image’s', { POSTGRES_PASSWORD: 'seven' }, ['seven']],
    ['a database’s, then any other secret', { JWT_SECRET: 'b', SPRING_DATASOURCE_PASSWORD: 'a' }, ['a', 'b']],
    ['a secret alone is no reason to ask', { JWT_SECRET: 'b', SMTP_PASSWORD: 'c' }, []],
    ['a URL without a password is a reason not to', { APP_PASSWORD: 'x', URL: 'postgresql://db/shop' }, []],
    ['no key of many lines', { PGPASSWORD: 'a', PRIVATE_KEY: 'x\ny' }, ['a']],
    ['a broken escape', { A: 'postgres://app:%zz@db/shop' }, ['%zz']],
  ])('%s', (_, environment, passwords) => {
    expect(passwordsOf(environment as unknown as Record<string, string>)).toEqual({ postgres: passwords });
  });
});

it('a client with the password that stands in DB_PASSWORD is shown that the mock knows it', async () => {
  const { postgres: passwords = [] } = passwordsOf({ DB_HOST: 'db', DB_PASSWORD: 'a sandbox value' });
  const work = async ({ host, port }: { readonly host: string; readonly port: number }): Promise<string[]> => {
    const seen: string[] = [];
    // pg breaks the connection off when the server's proof is wrong.
    const client = new pg.Client({ host, port, user: 'app', database: 'shop', password: 'a sandbox value' });
    (client as unknown as { connection: NodeJS.EventEmitter }).connection.on('authenticationSASLFinal', () =>
      seen.push('proof'),
    );
    await client.connect();
    await client.end();
    return seen;
  };
  expect((await replayPostgres([], work, { passwords })).result).toEqual(['proof']);
});
