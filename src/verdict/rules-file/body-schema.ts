/** A condition on a JSON body, as it is written. */
import { RE2JS, RE2JSException } from 're2js';
import { z } from 'zod';
import { parsePath } from '../content/json-path.ts';
import type { BodyCondition, Scalar, Step } from '../rules/rule.ts';

const SCALAR = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const TESTS = ['exists', 'is', 'not', 'in', 'matches', 'minLength'] as const;

const PLAIN = z.strictObject({
  path: z.string().max(500),
  exists: z.boolean().optional(),
  is: SCALAR.optional(),
  not: SCALAR.optional(),
  in: z.array(SCALAR).min(1).max(100).optional(),
  matches: z.string().min(1).max(1000).optional(),
  minLength: z.number().int().min(0).optional(),
});

type Plain = z.output<typeof PLAIN>;
type Context = {
  readonly addIssue: (issue: { code: 'custom'; message: string; path: string[]; params: { hint: string } }) => void;
};

export const BODY = Object.assign(
  PLAIN.transform((condition, context): BodyCondition => {
    const steps = parsePath(condition.path);
    if ('fault' in steps) {
      const hint = 'Write names, indices, * and .. only: $.errors, $.items[0].code, $..message, $["odd name"].';
      return fail(context, 'path', `${condition.path} is no JSON path: ${steps.fault}.`, hint);
    }
    const fault = faultOf(condition);
    if (fault !== undefined) return fail(context, ...fault);
    const clue = clueOf(steps, condition);
    return { ...condition, steps, ...(clue !== undefined && { clue }) } as BodyCondition;
  }),
  { shape: PLAIN.shape },
);

function fail(context: Context, key: string, message: string, hint: string): never {
  context.addIssue({ code: 'custom', message, path: key === '' ? [] : [key], params: { hint } });
  return z.NEVER;
}

function faultOf(condition: Plain): readonly [key: string, message: string, hint: string] | undefined {
  const given = TESTS.filter((key) => condition[key] !== undefined);
  if (given.length === 0)
    return ['', 'Nothing is asked of the value.', `Write one of ${TESTS.join(', ')}: exists: true.`];
  if (condition.exists === false && given.length > 1)
    return ['exists', 'A value that is not there has no other properties.', 'Leave out exists, or all the rest.'];
  return condition.matches === undefined ? undefined : patternFault(condition.matches);
}

function patternFault(pattern: string): readonly [string, string, string] | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const hint = 'Patterns are RE2: no look-around, no back-references. https://github.com/google/re2/wiki/Syntax';
    return ['matches', `The pattern is not valid: ${error.message}.`, hint];
  }
}

/** Characters that JSON may spell only as themselves or by their number. */
const SIMPLE = /^[\w $.:@-]+$/;

/** The longest text that must stand in a body in which the condition holds. */
function clueOf(steps: readonly Step[], { exists, is }: Plain): string | undefined {
  if (exists === false) return undefined;
  const names = steps.flatMap((step) => (step.kind === 'name' ? [step.name] : []));
  const texts: readonly (Scalar | undefined)[] = [...names, is];
  const simple = texts.flatMap((text) => (typeof text === 'string' && SIMPLE.test(text) ? [`"${text}"`] : []));
  return simple.toSorted((one, other) => other.length - one.length)[0];
}
