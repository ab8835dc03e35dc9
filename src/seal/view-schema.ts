/**
 * The readable view of a loop: what `show` prints and the API serves without opening the seal. Redacted when it is made; times are Unix ms.
 * `version` grows when a reader of the old one would misread the new one; fields may be added without.
 */
import { z } from 'zod';

export const VIEW_VERSION = 1;

const header = z.object({ name: z.string(), value: z.string() });

const body = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('empty') }),
  /** `bytes` on the wire, before decompression; `text` redacted; `truncated` when more followed. */
  z.object({
    kind: z.literal('text'),
    bytes: z.number(),
    contentType: z.string().exactOptional(),
    text: z.string(),
    truncated: z.boolean(),
    /** Of a stream: when each message had come, a line of the text each. */
    times: z.array(z.number()).exactOptional(),
  }),
  /** Not shown, and `why`. */
  z.object({ kind: z.literal('omitted'), bytes: z.number(), contentType: z.string().exactOptional(), why: z.string() }),
]);

const message = z.object({
  headers: z.array(header),
  body,
  trailers: z.array(header),
  startedAt: z.number(),
  endedAt: z.number(),
  complete: z.boolean(),
});

const vantage = z.object({
  service: z.string(),
  instance: z.string(),
  version: z.string().exactOptional(),
  direction: z.enum(['inbound', 'outbound']),
});

const peer = z.object({ name: z.string(), port: z.number().exactOptional(), address: z.string().exactOptional() });

const gap = z.object({ side: z.enum(['client', 'server']), reason: z.string(), bytes: z.number() });

const failure = z.object({
  exchange: z.string(),
  role: z.enum(['origin', 'victim', 'swallowed']),
  kind: z.string(),
  summary: z.string(),
  /** By whose error a rule of one's own calls it a failure; `id` is one of `commands`. */
  command: z.object({ id: z.string(), protocol: z.string(), code: z.string() }).exactOptional(),
});

const attempt = z.object({
  id: z.string(),
  number: z.number(),
  address: z.string().exactOptional(),
  /** Of its answer; absent without one. */
  status: z.number().exactOptional(),
  grpcStatus: z.number().exactOptional(),
  headers: z.array(header).exactOptional(),
  startedAt: z.number(),
  endedAt: z.number(),
});

/** A placement by what flows: probability 0.5..1, and what spoke for it, in words. */
const flow = z.object({ certainty: z.number(), evidence: z.array(z.string()) });

const exchange = z.object({
  id: z.string(),
  /** The exchange it was made for; roots have none. A link by what flows is `inferred`, and `flow` says how. */
  parent: z
    .object({ exchange: z.string(), confidence: z.enum(['context', 'inferred']), flow: flow.exactOptional() })
    .exactOptional(),
  vantage,
  peer,
  protocol: z.string(),
  method: z.string(),
  path: z.string(),
  status: z.number().exactOptional(),
  flags: z.array(z.string()),
  details: z.string().exactOptional(),
  startedAt: z.number(),
  endedAt: z.number(),
  end: z.string(),
  request: message.exactOptional(),
  response: message.exactOptional(),
  gaps: z.array(gap),
  /** How often Envoy sent it, when more than once; each try, where the sidecar records them. */
  attemptCount: z.number().exactOptional(),
  attempts: z.array(attempt).exactOptional(),
});

/** What a server sent unasked. `text`: redacted. */
const pushed = z.object({ at: z.number(), channel: z.string().exactOptional(), text: z.string() });

/**
 * What a command of a database was answered, the first of it, redacted. `rows`: a set of rows with the names of its columns; cells are text,
 * null is NULL, `(type 17, 20 bytes)` what is no text. Without columns nobody described them, and rows are counted only. `reply`: of Redis,
 * an item a line.
 */
const answer = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('rows'),
    columns: z.array(z.string()),
    /** How many columns, and rows, are not shown. */
    columnsMore: z.number().exactOptional(),
    rows: z.array(z.array(z.string().nullable())),
    rowsMore: z.number().exactOptional(),
  }),
  z.object({ kind: z.literal('reply'), lines: z.array(z.string()), linesMore: z.number().exactOptional() }),
]);

const command = z.object({
  id: z.string(),
  /** The inbound exchange it was made for, and how sure that is. */
  exchange: z.string(),
  attribution: z.enum(['propagated', 'exclusive', 'candidate']),
  /** Of a candidate that is more than a guess. */
  flow: flow.exactOptional(),
  conversation: z.string(),
  vantage,
  peer,
  protocol: z.string(),
  summary: z.string(),
  /** Values bound to the statement, redacted; null is NULL. */
  parameters: z.array(z.string().nullable()).exactOptional(),
  startedAt: z.number(),
  endedAt: z.number(),
  rows: z.number().exactOptional(),
  /** Absent when there was nothing to show, or no more room in the view. */
  answers: z.array(answer).exactOptional(),
  error: z.object({ code: z.string(), message: z.string() }).exactOptional(),
  /** What the server sent later because of it, first ones only: messages of a subscription, notifications. */
  pushed: z.array(pushed).exactOptional(),
  /** How many of those are not shown. */
  pushedMore: z.number().exactOptional(),
  /** Remarks of the server within the answer, redacted: `NOTICE 00000 …`. */
  notices: z.array(z.string()).exactOptional(),
  /** The rest of the answer was not kept. */
  cut: z.boolean().exactOptional(),
});

const conversation = z.object({
  id: z.string(),
  vantage,
  peer,
  protocol: z.string(),
  startedAt: z.number(),
  endedAt: z.number(),
  bytes: z.number(),
  refused: z.string().exactOptional(),
  gaps: z.array(gap),
});

export const loopViewSchema = z.object({
  version: z.literal(VIEW_VERSION),
  id: z.string(),
  transaction: z.string(),
  entry: z.string().exactOptional(),
  outcome: z.enum(['good', 'failed', 'swallowed']),
  fingerprint: z.string().exactOptional(),
  /** By start time; with `parent` they form the tree. */
  exchanges: z.array(exchange),
  commands: z.array(command),
  conversations: z.array(conversation),
  failures: z.array(failure),
  holes: z.array(z.object({ where: z.string(), what: z.string() })),
});

export type LoopView = z.infer<typeof loopViewSchema>;
export type ExchangeView = z.infer<typeof exchange>;
export type AttemptView = z.infer<typeof attempt>;
export type MessageView = z.infer<typeof message>;
export type BodyView = z.infer<typeof body>;
export type CommandView = z.infer<typeof command>;
export type AnswerView = z.infer<typeof answer>;
export type RowsView = Extract<AnswerView, { kind: 'rows' }>;
export type ReplyView = Extract<AnswerView, { kind: 'reply' }>;
export type PushedView = z.infer<typeof pushed>;
export type FlowView = z.infer<typeof flow>;

/** The view in a stored loop or an imported file (so from anyone): undefined when it is not one this version can show. */
export function parseLoopView(text: string): LoopView | undefined {
  try {
    const found = loopViewSchema.safeParse(JSON.parse(text));
    return found.success ? found.data : undefined;
  } catch {
    return undefined;
  }
}
