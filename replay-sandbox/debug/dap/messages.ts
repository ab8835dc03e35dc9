/** What of the Debug Adapter Protocol is read here. https://microsoft.github.io/debug-adapter-protocol/specification */
import { z } from 'zod';

const MESSAGE = z.discriminatedUnion('type', [
  z.object({ type: z.literal('request'), seq: z.number(), command: z.string() }),
  z.object({
    type: z.literal('response'),
    request_seq: z.number(),
    command: z.string(),
    success: z.boolean(),
    message: z.string().optional(),
    body: z.unknown().optional(),
  }),
  z.object({ type: z.literal('event'), event: z.string(), body: z.unknown().optional() }),
]);

export type DapMessage = z.infer<typeof MESSAGE>;

/** Undefined: it is none. */
export function readMessage(value: unknown): DapMessage | undefined {
  return MESSAGE.safeParse(value).data;
}

export const STOPPED = z.object({
  reason: z.string().default(''),
  threadId: z.number().default(0),
  allThreadsStopped: z.boolean().default(false),
  text: z.string().optional(),
  hitBreakpointIds: z.array(z.number()).default([]),
});

export type Stopped = z.infer<typeof STOPPED>;

export const CONTINUED = z.object({ threadId: z.number().default(0), allThreadsContinued: z.boolean().optional() });

export const EXITED = z.object({ exitCode: z.number().int() });

const BREAKPOINT = z.object({
  id: z.number().optional(),
  verified: z.boolean().default(false),
  line: z.number().optional(),
});

export const BREAKPOINTS = z.object({ breakpoints: z.array(BREAKPOINT).default([]) });

const FRAME = z.object({
  id: z.number(),
  name: z.string().default(''),
  line: z.number().default(0),
  source: z.object({ path: z.string().optional(), name: z.string().optional() }).optional(),
});

export type DapFrame = z.infer<typeof FRAME>;

export const STACK = z.object({ stackFrames: z.array(FRAME).default([]) });

export const SCOPES = z.object({
  scopes: z.array(z.object({ name: z.string().default(''), variablesReference: z.number().default(0) })).default([]),
});

const VARIABLE = z.object({
  name: z.string(),
  value: z.string().default(''),
  type: z.string().optional(),
  variablesReference: z.number().default(0),
});

export type DapVariable = z.infer<typeof VARIABLE>;

export const VARIABLES = z.object({ variables: z.array(VARIABLE).default([]) });

export const EXCEPTION = z.object({ exceptionId: z.string().default(''), description: z.string().optional() });

/** Of debugpy: a process that the service has started wants to be debugged too, over another connection to the same port. */
export const CHILD = z.record(z.string(), z.unknown());
