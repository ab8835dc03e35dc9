/** The one way in: HTTP routes and tools of agents ask here. What is needed is checked, the input read, and the LoopApi of the principal asked. */
import type { z } from 'zod';
import { may, type Principal } from '../domain/access.ts';
import type { Answers } from './contract/answers.ts';
import { ENDPOINTS, type Endpoint, type Operation } from './contract/endpoints.ts';
import { INPUTS, type ReadInputOf } from './contract/inputs.ts';
import { ApiError } from './error.ts';
import type { LoopApi } from './port.ts';

/** Answered by the server itself, because it takes the request as a whole: cookies, streams, signed references. */
export type ServersOwn =
  | 'session'
  | 'signIn'
  | 'signOut'
  | 'pressButton'
  | 'lookAtButton'
  | 'releaseButton'
  | 'events'
  | 'mcp'
  | 'openapi';
export type Dispatched = Exclude<Operation, ServersOwn>;

type Ask<Op extends Operation> = (api: LoopApi, input: ReadInputOf<Op>) => Promise<Answers[Op]>;

/** Throws ApiError: `unauthorised` for nobody, `forbidden` for somebody who may not. */
export function permit(operation: Operation, principal: Principal | undefined): void {
  const { needs }: Endpoint = ENDPOINTS[operation];
  if (needs === 'nobody') return;
  if (principal === undefined) throw unknownCaller();
  const byReference = principal.by === 'support-reference';
  if (byReference || needs === 'reference') {
    if (byReference && needs === 'reference') return;
    throw new ApiError('forbidden', 'A support reference opens the support button, and nothing else does.');
  }
  if (needs === 'signed-in' || may(principal, needs)) return;
  throw new ApiError(
    'forbidden',
    `${principal.name} (${principal.grants.map(({ role }) => role).join(', ') || 'no role'}) may not do this: it needs the permission "${needs}".`,
    'Ask whoever runs this Loop for another role.',
  );
}

export function unknownCaller(): ApiError {
  return new ApiError(
    'unauthorised',
    'The token is missing or wrong.',
    'It is in the file "token" of the data directory; loopctl finds it with --data or LOOP_TOKEN.',
  );
}

/** Throws ApiError `invalid` naming every key that is wrong. */
export function readInput<Op extends Operation>(operation: Op, input: unknown): ReadInputOf<Op> {
  const schema: z.ZodType = INPUTS[operation];
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data as ReadInputOf<Op>;
  const issues = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.')}${path.length > 0 ? ': ' : ''}${message}`,
  );
  throw new ApiError('invalid', `${issues.join('; ')}.`, 'GET /v1/openapi.json has the shape of every question.');
}

/** Rejects with ApiError and nothing else. */
export async function dispatch<Op extends Dispatched>(
  apiFor: (principal: Principal) => LoopApi,
  principal: Principal | undefined,
  operation: Op,
  input: unknown,
): Promise<Answers[Op]> {
  permit(operation, principal);
  if (principal === undefined) throw unknownCaller();
  const ask: Ask<Op> = ASKED[operation];
  return ask(apiFor(principal), readInput(operation, input));
}

const ASKED: { readonly [Op in Dispatched]: Ask<Op> } = {
  listTokens: async (api) => ({ tokens: await api.tokens.list() }),
  createToken: (api, input) => api.tokens.create(input),
  revokeToken: async (api, { id }) => {
    await api.tokens.revoke(id);
    return undefined;
  },
  listLoops: (api, input) => api.list(input),
  showLoop: async (api, { id }) => {
    const { summary, view } = await api.show(id);
    return { summary, view: JSON.parse(view) as Answers['showLoop']['view'] };
  },
  resolveLoop: async (api, { id }) => ({ id: await api.resolve(id) }),
  exemplarsOfLoop: async (api, { id }) => ({ loops: await api.exemplars(id) }),
  compareLoops: (api, { id, other }) => api.compare(id, other),
  harOfLoop: (api, { id }) => api.har(id),
  recordingOfLoop: (api, { id, open }) => api.recording(id, { open }),
  originalBody: (api, { id, exchange, side }) => api.originalBody(id, exchange, side),
  importLoop: (api, { file, restore }) => api.import(file, { restore }),
  deleteLoop: async (api, { id }) => {
    await api.delete(id);
    return undefined;
  },
  testRedaction: (api, { id, rules }) => api.testRedaction(id, rules),
  testRules: (api, input) => api.testRules(input),
  listFingerprints: async (api, input) => ({ fingerprints: await api.fingerprints(input) }),
  vitals: (api) => api.vitals(),
  listCaptures: async (api) => ({ captures: await api.captures.list() }),
  startCapture: (api, { pairs, ...input }) =>
    api.captures.start({
      ...input,
      pairs: pairs.map(({ place: { kind, name }, value }) => ({ kind, name, value })),
    }),
  resolveCapture: async (api, { id }) => ({ id: await api.captures.resolve(id) }),
  showCapture: (api, { id }) => api.captures.show(id),
  stopCapture: (api, { id }) => api.captures.stop(id),
  deleteCapture: async (api, { id }) => ({ loops: await api.captures.delete(id) }),
  timeline: async (api, input) => ({ entries: await api.timeline(input) }),
  audit: (api, input) => api.audit(input),
  erase: (api, input) => api.erase(input),
};
