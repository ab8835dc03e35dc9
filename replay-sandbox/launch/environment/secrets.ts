/** Takes secrets out of values that come from a person's shell or files. */
import { isSecretName } from '../../../src/domain/secret-name.ts';
import type { Placeholders } from './placeholder.ts';

/** Keys of providers, and tokens, whatever the variable is called. */
const LOOKS =
  /^(?:sk|rk|pk)_(?:live|test)_\w{8,}$|^gh[pousr]_\w{20,}$|^xox[abeprs]-[\w-]{10,}$|^AKIA[0-9A-Z]{16}$|^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+$|-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^:@/\s]*:)([^@/\s]+)(?=@)/gi;
const PARAMETER = /((?:^|[\s?&;])(?:password|pwd)\s*=\s*)([^\s&;']+)/gi;

/** The same value when there is no secret in it. */
export function withoutSecrets(name: string, value: string, placeholder: Placeholders): string {
  if (value === '' || /^(?:true|false)$/i.test(value) || isDirectory(name)) return value;
  if (LOOKS.test(value.trim())) return placeholder(value);
  const kept = value
    .replace(
      URL_PASSWORD,
      (_all, before: string, secret: string) => before + encodeURIComponent(placeholder(decoded(secret))),
    )
    .replace(PARAMETER, (_all, before: string, secret: string) => before + placeholder(secret));
  return kept === value && isSecretName(name) ? placeholder(value) : kept;
}

/** A shell's own: the working directory, not a password. */
export function isDirectory(name: string): boolean {
  return name === 'PWD' || name === 'OLDPWD';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
