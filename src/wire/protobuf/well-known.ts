/** Types of google.protobuf that JSON writes in a way of their own. https://protobuf.dev/reference/protobuf/google.protobuf/ */
import type { Json, JsonObject, Speaker } from './json.ts';
import { scalarValue } from './scalar.ts';
import type { TypedMessage } from './typed.ts';
import { lastOf } from './typed.ts';

const PACKAGE = 'google.protobuf.';

/** Undefined for every other type, and for one that is not what it should be: a descriptor may say anything. */
export function wellKnown(message: TypedMessage, speaker: Speaker): Json | undefined {
  const { name } = message.type;
  const special = name.startsWith(PACKAGE) ? SPECIAL.get(name.slice(PACKAGE.length)) : undefined;
  return special?.(message, speaker);
}

type Special = (message: TypedMessage, speaker: Speaker) => Json | undefined;

const SPECIAL: ReadonlyMap<string, Special> = new Map<string, Special>([
  ['Timestamp', timestamp],
  ['Duration', duration],
  ['Any', any],
  ['Struct', (message, speaker) => speaker.object(message)['fields'] ?? {}],
  ['Value', value],
  ['ListValue', (message, speaker) => speaker.object(message)['values'] ?? []],
  ['FieldMask', fieldMask],
  ['DoubleValue', wrapped(0)],
  ['FloatValue', wrapped(0)],
  ['Int64Value', wrapped('0')],
  ['UInt64Value', wrapped('0')],
  ['Int32Value', wrapped(0)],
  ['UInt32Value', wrapped(0)],
  ['BoolValue', wrapped(false)],
  ['StringValue', wrapped('')],
  ['BytesValue', wrapped('')],
]);

/** A field as a whole number, 0 when it is not there; undefined when it is something else. */
function integer(message: TypedMessage, number: number): bigint | undefined {
  const field = lastOf(message, number);
  if (field === undefined) return 0n;
  if (field.kind !== 'scalar' || (field.of !== 'int64' && field.of !== 'int32')) return undefined;
  return BigInt(scalarValue(field.of, field.values.at(-1) ?? 0n));
}

const FIRST_SECOND = -62_135_596_800n;
const LAST_SECOND = 253_402_300_799n;
const NANOS = 1_000_000_000n;

function timestamp(message: TypedMessage): Json | undefined {
  const [seconds, nanos] = [integer(message, 1), integer(message, 2)];
  if (seconds === undefined || nanos === undefined || nanos < 0n || nanos >= NANOS) return undefined;
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND) return undefined;
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, -'.000Z'.length);
  return `${whole}${fraction(nanos)}Z`;
}

function duration(message: TypedMessage): Json | undefined {
  const [seconds, nanos] = [integer(message, 1), integer(message, 2)];
  if (seconds === undefined || nanos === undefined || nanos <= -NANOS || nanos >= NANOS) return undefined;
  const [whole, part] = [seconds < 0n ? -seconds : seconds, nanos < 0n ? -nanos : nanos];
  return `${seconds < 0n || nanos < 0n ? '-' : ''}${whole}${fraction(part)}s`;
}

function fraction(nanos: bigint): string {
  return nanos === 0n
    ? ''
    : `.${nanos
        .toString()
        .padStart(9, '0')
        .replace(/(?:000){1,2}$/, '')}`;
}

/** What it holds beside its type; of a type nobody knows, the bytes. */
function any(message: TypedMessage, speaker: Speaker): Json | undefined {
  const [url, content] = [lastOf(message, 1), lastOf(message, 2)];
  if (url?.kind !== 'text' || (content !== undefined && content.kind !== 'bytes')) return undefined;
  const bytes = content?.bytes ?? new Uint8Array();
  const said = speaker.any(url.text.slice(url.text.lastIndexOf('/') + 1), bytes);
  if (said === undefined) return { '@type': url.text, value: speaker.wording.bytes(bytes) };
  return isObject(said) ? { '@type': url.text, ...said } : { '@type': url.text, value: said };
}

function isObject(said: Json): said is JsonObject {
  return typeof said === 'object' && said !== null && !Array.isArray(said);
}

const NULL_VALUE = 1;

function value(message: TypedMessage, speaker: Speaker): Json | undefined {
  const field = message.fields.at(-1);
  if (field === undefined || field.kind === 'unknown') return undefined;
  return field.type.number === NULL_VALUE ? null : speaker.field(field);
}

function fieldMask(message: TypedMessage): Json {
  return message.fields.flatMap((field) => (field.kind === 'text' ? [field.text] : [])).join(',');
}

function wrapped(absent: Json): Special {
  return (message, speaker) => {
    const field = lastOf(message, 1);
    return field === undefined ? absent : speaker.field(field);
  };
}
