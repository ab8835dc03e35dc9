import { glanced, groups } from './detector.ts';

// A password may hold `@` and `:`; the last `@` before the host ends it. A name without password is shown (`ssh://git@host`) unless it
// is as long as a token is.
const USERINFO =
  /:\/\/(?:[^/\s:@"'<>]{0,256}:(?!REDACTED\()([^/\s"'<>]{1,1024})|([\w~.+%-]{20,1024}))@(?=[\w.[%-]|$)/dg;

/** Passwords and tokens in URLs and connection strings: `postgres://app:s3cret@db/shop`. The user's name stays. */
export const urlUserinfo = glanced(
  'password in a url',
  (text) => text.includes('@') && text.includes('://'),
  (text) => groups(text, USERINFO),
);
