/** Names of variables whose values are nobody's to see. */

/** Separators between words do not matter: API_KEY, apiKey, ApiKey. */
const SECRET =
  /secret|passw(?:or)?d|passphrase|(?:^|_)pass(?:$|_)|(?:^|_)pwd$|token|api_?key|access_?key|private_?key|signing_?key|encryption_?key|credential|_salt$|(?:^|_)pat$|(?:^|_)jwt$|(?:^|_)dsn$/i;

/** What says something of a secret, and is none: TOKEN_TTL, PASSWORD_FILE, MAX_TOKENS. */
const SETTING =
  /_(?:ttl|timeout|seconds|minutes|hours|days|ms|length|min|max|size|limit|count|url|uri|endpoint|host|port|file|path|dir|name|issuer|audience|algorithms?|alg|type|expir\w*|lifetime|enabled|required|header|rounds|policy|prefix|version|region|id_field)$|^(?:max|min)_?tokens?$|_tokens$/i;

export function isSecretName(name: string): boolean {
  return SECRET.test(name) && !SETTING.test(name);
}
