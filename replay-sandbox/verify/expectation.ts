/** What an answer has to be: as a person wrote it, or as good answers of the same route were. */
import { z } from 'zod';
import { header } from '../../src/domain/exchange.ts';
import { parsePath, valuesAt } from '../../src/verdict/content/json-path.ts';
import type { Answer } from '../compare/answer.ts';
import { grpcOutcome } from '../compare/answer.ts';
import { ReplayError } from '../error.ts';
import { isJsonObject, isLongInteger, textOfJson } from '../../src/domain/exact-json.ts';
import type { Content } from './content.ts';
import { contentOf, mediaTypeOf } from './content.ts';
import type { Broken, Shape } from './shape.ts';
import { joined, misshapen, SHAPE, shown } from './shape.ts';

const STATUS = z.union([z.number().int().min(100).max(599), z.string().regex(/^[1-5]xx$/)]);

const EXPECTATION = z
  .strictObject({
    /** `200`, `2xx`, or a list of them. */
    status: z.union([STATUS, z.array(STATUS)]),
    grpcStatus: z.number().int(),
    /** One of these media types; null for an answer without one. */
    contentType: z.array(z.string().nullable()),
    /** By lower-case name, whole values. */
    headers: z.record(z.string(), z.string()),
    /** A part of the body: other members may stand beside it, more items behind it. A string for text. */
    body: z.json(),
    /** By JSON path (`$.lines[0].sku`): one of the values there is this. */
    paths: z.record(z.string(), z.json()),
    /** The structure of the body, in a part of JSON Schema: type (a list), properties, required, items, minItems. */
    schema: SHAPE,
    /** `some`: there is a body. */
    content: z.enum(['some', 'none']),
  })
  .partial();

export type Expectation = z.infer<typeof EXPECTATION>;

/** Throws ReplayError `bad-config`, naming what is wrong. `from`: how people call where it comes from. */
export function readExpectation(text: string, from: string): Expectation {
  const parsed = EXPECTATION.safeParse(jsonOf(text, from));
  const paths = Object.keys(parsed.data?.paths ?? {});
  const wrong = paths.flatMap((path) => {
    const steps = parsePath(path);
    return 'fault' in steps ? [`paths.${path}: ${steps.fault}`] : [];
  });
  if (parsed.success && wrong.length === 0) return parsed.data;
  const issues = parsed.error?.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`) ?? wrong;
  throw unusable(`${from} does not say what is expected: ${issues.join('; ')}`);
}

function jsonOf(text: string, from: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unusable(`${from} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function unusable(message: string): ReplayError {
  return new ReplayError('bad-config', message, `for example --expect '{"status":200,"body":{"total":1200}}'`);
}

/** Everything that is not as expected, in the order of an answer. */
export function brokenIn(answer: Answer, expected: Expectation): readonly Broken[] {
  const content = contentOf(answer);
  return [
    ...brokenStatus(answer, expected),
    ...brokenHeaders(answer, expected),
    ...brokenContent(content, expected),
    ...brokenValues(content, expected),
  ];
}

function brokenStatus(answer: Answer, { status, grpcStatus }: Expectation): readonly Broken[] {
  const accepted = status === undefined ? undefined : [status].flat();
  const given = answer.status;
  const right = accepted?.some((one) => one === given || one === `${Math.trunc((given ?? 0) / 100)}xx`);
  const said = grpcOutcome(answer)?.status;
  return [
    ...(right === false
      ? [
          {
            path: 'status',
            expected: (accepted ?? []).join(' or '),
            got: given === undefined ? 'no answer' : `${given}`,
          },
        ]
      : []),
    ...(grpcStatus === undefined || said === grpcStatus
      ? []
      : [{ path: 'grpc-status', expected: `${grpcStatus}`, got: `${said ?? 'nothing'}` }]),
  ];
}

function brokenHeaders(answer: Answer, { headers = {}, contentType }: Expectation): readonly Broken[] {
  const type = mediaTypeOf(answer) ?? null;
  const wanted = Object.entries(headers).map(([name, expected]) => ({
    path: `headers.${name}`,
    expected,
    got: header(answer.headers, name.toLowerCase()) ?? 'nothing',
  }));
  const wrongType = contentType !== undefined && !contentType.includes(type);
  return [
    ...(wrongType
      ? [
          {
            path: 'headers.content-type',
            expected: contentType.map((one) => one ?? 'nothing').join(' or '),
            got: type ?? 'nothing',
          },
        ]
      : []),
    ...wanted.filter(({ expected, got }) => expected !== got),
  ];
}

function brokenContent(content: Content, { content: wanted, schema }: Expectation): readonly Broken[] {
  if (wanted === 'none' && content.kind !== 'empty')
    return [{ path: 'body', expected: 'no body', got: saidContent(content) }];
  if (schema !== undefined) return brokenShape(content, schema);
  return wanted === 'some' && content.kind === 'empty' ? [{ path: 'body', expected: 'a body', got: 'nothing' }] : [];
}

function brokenShape(content: Content, schema: Shape): readonly Broken[] {
  if (content.kind === 'json' || content.kind === 'grpc') return misshapen(schema, content.value, 'body');
  return [{ path: 'body', expected: `JSON: ${schema.type.join(' or ')}`, got: saidContent(content) }];
}

function brokenValues(content: Content, { body, paths = {} }: Expectation): readonly Broken[] {
  const value = valueOf(content);
  const found = Object.entries(paths).flatMap(([path, expected]): readonly Broken[] => {
    const steps = parsePath(path);
    const values = 'fault' in steps ? [] : valuesAt(steps, value);
    if (values.some((one) => unlike(expected, one, '').length === 0)) return [];
    return [{ path, expected: shown(expected), got: values.length === 0 ? 'nothing' : values.map(shown).join(', ') }];
  });
  return [...(body === undefined ? [] : unlike(body, value, 'body')), ...found];
}

/** Where `value` does not hold what is asked for. */
function unlike(expected: unknown, value: unknown, path: string): readonly Broken[] {
  if (isJsonObject(expected) && isJsonObject(value))
    return Object.entries(expected).flatMap(([key, inner]) =>
      unlike(inner, Object.hasOwn(value, key) ? value[key] : undefined, joined(path, key)),
    );
  if (Array.isArray(expected) && Array.isArray(value))
    return expected.flatMap((inner, index) => unlike(inner, value[index], `${path}[${index}]`));
  // What is expected was read as a double.
  const given = isLongInteger(value) ? Number(textOfJson(value)) : value;
  return Object.is(expected, given) || expected === given
    ? []
    : [{ path, expected: shown(expected), got: shown(value) }];
}

function valueOf(content: Content): unknown {
  if ('value' in content) return content.value;
  return 'text' in content ? content.text : undefined;
}

function saidContent(content: Content): string {
  if (content.kind === 'empty') return 'nothing';
  if (content.kind === 'bytes') return `${content.bytes} bytes`;
  if ('value' in content) return shown(content.value);
  return `${content.kind === 'broken' ? 'no JSON: ' : ''}${shown(content.text)}`;
}
