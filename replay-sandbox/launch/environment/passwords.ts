/**
 * Passwords the service has by its environment. The sandbox gives that environment, so its mocks may know them: some clients insist that
 * the server shows that it knows the password, too.
 */

const URL_PASSWORD = /\bpostgres(?:ql)?(?:\+\w+)?:\/\/[^:@/\s]*:([^@/\s]*)@/gi;
const URL_PARAMETER = /\bpostgres(?:ql)?(?:\+\w+)?:\/\/\S*?[?&]password=([^&\s]*)/gi;
/** Of a connection string as libpq has it: `host=db password='it''s'`. */
const DSN = /\b(?:host|dbname)\s*=/i;
const DSN_PASSWORD = /\bpassword\s*=\s*(?:'((?:[^'\\]|\\.)*)'|([^\s'&]+))/gi;

/** By protocol. */
export function passwordsOf(
  environment: Readonly<Record<string, string>>,
): Readonly<Record<string, readonly string[]>> {
  return { postgres: postgresPasswords(environment) };
}

/** PGPASSWORD, and what its URLs and connection strings hold. Each once. */
function postgresPasswords(environment: Readonly<Record<string, string>>): readonly string[] {
  const found = [environment['PGPASSWORD'] ?? ''];
  for (const value of Object.values(environment)) {
    for (const [, password = ''] of value.matchAll(URL_PASSWORD)) found.push(decoded(password));
    for (const [, password = ''] of value.matchAll(URL_PARAMETER)) found.push(decoded(password));
    if (!DSN.test(value)) continue;
    for (const [, quoted, bare = ''] of value.matchAll(DSN_PASSWORD))
      found.push((quoted ?? bare).replace(/\\(.)/g, '$1'));
  }
  return [...new Set(found)].filter((password) => password !== '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
