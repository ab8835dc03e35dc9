/**
 * Redaction of JSON as text: token by token, so that numbers keep their digits, repeated keys stay, and what is cut off, broken or many
 * documents in a row is redacted as far as it goes. Nothing recurses: depth costs an array entry.
 */
import type { NameTest } from './names.ts';
import type { Tokenise } from './tokens.ts';

export interface JsonRedaction {
  readonly isSecret: NameTest;
  readonly tokenise: Tokenise;
  /** What happens to a string that has no secret name; `escaped`: it stood in the text in another spelling. */
  readonly value: (value: string, escaped: boolean) => string;
}

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

export function redactJson(text: string, redact: JsonRedaction): string {
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
        secret: isSecretPlace(stack, redact.isSecret),
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
      result += replaced(found, redact.value(frame.key, found.includes('\\')));
    } else {
      result += redactScalar(found, stack, redact);
    }
  }
  return result;
}

function redactScalar(
  literal: string,
  stack: readonly Frame[],
  { isSecret, tokenise, value: redactValue }: JsonRedaction,
): string {
  const frame = stack.at(-1);
  const value = decode(literal);
  if (frame?.key !== undefined && /^(?:name|key|field|header)$/i.test(frame.key)) frame.namedSecret = isSecret(value);
  if (value === '' || /^(?:true|false|null)$/.test(literal)) return literal;
  return replaced(
    literal,
    isSecretPlace(stack, isSecret) ? tokenise(value) : redactValue(value, literal.includes('\\')),
  );
}

function isSecretPlace(stack: readonly Frame[], isSecret: NameTest): boolean {
  const frame = stack.at(-1);
  if (frame === undefined) return false;
  if (frame.secret) return true;
  if (frame.key === undefined) return false;
  const path = () => stack.flatMap(({ key }) => (key === undefined ? [] : [key]));
  return isSecret(frame.key, { place: 'json', path }) || (frame.namedSecret && /^values?$/i.test(frame.key));
}

/** The original spelling where nothing was redacted; a number that became another one stays a number. */
function replaced(literal: string, value: string): string {
  if (value === decode(literal)) return literal;
  return /^\d+$/.test(literal) && /^[1-9]\d*$/.test(value) ? value : JSON.stringify(value);
}

function decode(literal: string): string {
  if (!literal.startsWith('"')) return literal.replace(/^'(.*)'$/s, '$1');
  try {
    return JSON.parse(literal) as string;
  } catch {
    return literal.replace(/^"|"$/g, '');
  }
}
