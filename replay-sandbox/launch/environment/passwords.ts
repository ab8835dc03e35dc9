/**
 * Passwords the service has by its environment. The sandbox gives that environment, so its mocks may know them: some clients insist that
 * the server shows that it knows the password, too.
 */

import { isSecretName } from '../../../src/domain/secret-name.ts';
import { isDirectory } from './secrets.ts';

const URL_PASSWORD = /\bpostgres(?:ql)?(?:\+\w+)?:\/\/[^:@/\s]*:([^@/\s]*)@/gi;
const URL_PARAMETER = /\bpostgres(?:ql)?(?:\+\w+)?:\/\/\S*?[?&]password=([^&\s]*)/gi;
/** Of a connection string as libpq has it: `host=db password='it''s'`. */
const DSN = /\b(?:host|dbname)\s*=/i;
const DSN_PASSWORD = /\bpassword\s*=\s*(?:'((?:[^'\\]|\\.)*)'|([^\s'&]+))/gi;

/** A URL that names a user, or nobody, and no password: this database asks for none. */
const URL_WITHOUT = /\bpostgres(?:ql)?(?:\+\w+)?:\/\/(?:[^:@/\s]*@)?[^:@/?\s]+(?::\d+)?(?:[/?]\S*)?(?=\s|$)/i;
/** The password of a database, by its name: DB_PASSWORD, POSTGRES_PASSWORD, SPRING_DATASOURCE_PASSWORD, DATABASE_PWD. */
const PASSWORD_NAME = /pass(?:w(?:or)?d)?$|pwd$/i;
/** Somebody else's. */
const OTHERS =
  /redis|valkey|mysql|maria|mongo|rabbit|amqp|kafka|mail|smtp|ldap|ftp|ssh|key_?store|trust_?store|elastic|admin_|basic|proxy/i;
/** Each costs a derivation, some milliseconds, once. */
const MOST = 16;
/** Of what a person would call a password, characters. */
const LONGEST = 256;

/** By protocol. */
export function passwordsOf(
  environment: Readonly<Record<string, string>>,
): Readonly<Record<string, readonly string[]>> {
  return { postgres: postgresPasswords(environment) };
}

/**
 * What URLs, connection strings and names say is a database's; then every other secret, because nobody knows what the code does with it.
 * None at all when nothing looks like a database's: who is asked for a password must have one.
 */
function postgresPasswords(environment: Readonly<Record<string, string>>): readonly string[] {
  const all = Object.entries(environment).filter(([name]) => !isDirectory(name));
  const written = all.flatMap(([, value]) => writtenIn(value));
  const variables = all.filter(([, value]) => writtenIn(value).length === 0);
  const without = written.length === 0 && variables.some(([, value]) => URL_WITHOUT.test(value));
  const named = variables.filter(([name]) => PASSWORD_NAME.test(name) && !OTHERS.test(name)).map(([, value]) => value);
  const likely = [environment['PGPASSWORD'] ?? '', ...written, ...(without ? [] : named)].filter(isPassword);
  if (likely.length === 0) return [];
  const others = variables.filter(([name]) => isSecretName(name)).map(([, value]) => value);
  return [...new Set([...likely, ...others.filter(isPassword)])].slice(0, MOST);
}

function isPassword(value: string): boolean {
  return value !== '' && value.length <= LONGEST && !/[\r\n]/.test(value);
}

function writtenIn(value: string): readonly string[] {
  const dsn = DSN.test(value) ? [...value.matchAll(DSN_PASSWORD)] : [];
  return [
    ...[...value.matchAll(URL_PASSWORD), ...value.matchAll(URL_PARAMETER)].map(([, password = '']) =>
      decoded(password),
    ),
    ...dsn.map(([, quoted, bare = '']) => (quoted ?? bare).replace(/\\(.)/g, '$1')),
  ];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
