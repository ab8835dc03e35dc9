/**
 * Redaction of JSON as text: token by token, so that numbers keep their digits, repeated keys stay, and what is cut off, broken or many
 * documents in a row is redacted as far as it goes. Nothing recurses: depth costs an array entry.
 */
import { isSecretName } from './names.ts';
import type { Tokenise } from './tokens.ts';

/** What happens to a string that has no secret name. */
type RedactValue = (value: string) => string;

interface Frame {
  readonly kind: 'object' | 'array';
  /** Everything inside stands under a secret name. */
  readonly secret: boolean;
  /** In an object: the key whose value is next; undefined while a key is expected. */
  key: string | undefined;
  /** `{"name": "password", "value": …}`: the value is what the name says. */
  namedSecret: boolean;
}

const TOKEN = /\s+|"[^"\\]*(?:\\[\s\S][^"\\]*)*"?|[{}[\],:]|[^\s{}[\],:"]+/y;

export function redactJson(text: string, tokenise: Tokenise, redactValue: RedactValue): string {
  const stack: Frame[] = [];
  let result = '';
  const token = new RegExp(TOKEN);
  while (token.lastIndex < text.length) {
    const found = token.exec(text)?.[0];
    if (found === undefined) break;
    const frame = stack.at(-1);
    if (found === '{' || found === '[') {
      stack.push({
        kind: found === '{' ? 'object' : 'array',
        secret: isSecretPlace(frame),
        key: undefined,
        namedSecret: false,
      });
      result += found;
    } else if (found === '}' || found === ']') {
      stack.pop();
      result += found;
    } else if (found === ',') {
      if (frame) frame.key = undefined;
      result += found;
    } else if (found === ':' || found.trim() === '') {
      result += found;
    } else if (frame?.kind === 'object' && frame.key === undefined) {
      frame.key = decode(found);
      result += replaced(found, redactValue(frame.key));
    } else {
      result += redactScalar(found, frame, tokenise, redactValue);
    }
  }
  return result;
}

function redactScalar(literal: string, frame: Frame | undefined, tokenise: Tokenise, redactValue: RedactValue): string {
  const value = decode(literal);
  if (frame?.key !== undefined && /^(?:name|key|field|header)$/i.test(frame.key))
    frame.namedSecret = isSecretName(value);
  if (value === '' || /^(?:true|false|null)$/.test(literal)) return literal;
  return replaced(literal, isSecretPlace(frame) ? tokenise(value) : redactValue(value));
}

function isSecretPlace(frame: Frame | undefined): boolean {
  if (frame === undefined) return false;
  if (frame.secret) return true;
  if (frame.key === undefined) return false;
  return isSecretName(frame.key) || (frame.namedSecret && /^values?$/i.test(frame.key));
}

/** The original spelling where nothing was redacted. */
function replaced(literal: string, value: string): string {
  return value === decode(literal) ? literal : JSON.stringify(value);
}

function decode(literal: string): string {
  if (!literal.startsWith('"')) return literal.replace(/^'(.*)'$/s, '$1');
  try {
    return JSON.parse(literal) as string;
  } catch {
    return literal.replace(/^"|"$/g, '');
  }
}
