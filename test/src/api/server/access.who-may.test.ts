/**
 * Every question × everybody who may ask it or not, of a real loopd over HTTP. What is expected is made from what the contract says that a
 * question needs, by the tables here; a question that they do not know fails.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestOf } from '../../../../src/api/client/call.ts';
import { ENDPOINTS, type Endpoint, type Operation } from '../../../../src/api/contract/endpoints.ts';
import { PAGES, type PageRoute } from '../../../../src/api/contract/pages.ts';
import { LOOP_TYPE } from '../../../../src/api/loop-type.ts';
import type { Role } from '../../../../src/domain/access.ts';
import type { LoopId } from '../../../../src/domain/ids.ts';
import { encodeLoopFile } from '../../../../storage/format/encode.ts';
import { ask, type Headers } from '../../../support/ask.ts';
import { recordingOf } from '../../../support/recording.ts';
import { startTestLoopd, type TestLoopd } from '../../../support/test-loopd.ts';

const ROLES = ['viewer', 'debugger', 'support', 'admin'] as const;
const SECRET = 's'.repeat(64);

/** Whose role gives what a question needs, if it holds everywhere. */
const MAY: Readonly<Record<Endpoint['needs'], readonly Role[]>> = {
  nobody: ROLES,
  'signed-in': ROLES,
  read: ROLES,
  health: ROLES,
  timeline: ['debugger', 'support', 'admin'],
  capture: ['support', 'admin'],
  export: ['debugger', 'admin'],
  open: ['debugger', 'admin'],
  write: ['debugger', 'admin'],
  delete: ['admin'],
  erase: ['admin'],
  audit: ['admin'],
  manage: ['admin'],
  reference: [],
};

interface Question {
  /** Made anew for each who asks: some questions leave nothing behind that could be asked about again. */
  readonly input: () => object | Promise<object>;
  /** For whoever may. */
  readonly answered: 200 | 201 | 204;
  /** For an admin of a tenant that has nothing to do with what is asked about. */
  readonly elsewhere: 200 | 201 | 204 | 403 | 404 | 422;
}

const of = (input: Question['input'], answered: Question['answered'], elsewhere: Question['elsewhere']): Question => ({
  input,
  answered,
  elsewhere,
});
const nothing = () => ({});
const loop = () => ({ id: kept });
const user = () => ({ user: `user-${randomUUID()}` });
const newCapture = async () => ({ id: (await startCapture()).id });

const QUESTIONS: Readonly<Record<Operation, Question>> = {
  session: of(nothing, 200, 200),
  // From anywhere but a page of our own, it is refused whoever asks: see `expectedOf`.
  signIn: of(() => ({ token: daemon.loopd.token }), 200, 403),
  signOut: of(nothing, 204, 204),
  listTokens: of(nothing, 200, 200),
  // Whoever asks does so by a token that somebody made: those make no others.
  createToken: of(() => ({ name: 'made', roles: ['viewer'] }), 201, 403),
  revokeToken: of(async () => ({ id: (await daemon.api.tokens.create(token('viewer'))).token.id }), 204, 404),
  listLoops: of(nothing, 200, 200),
  showLoop: of(loop, 200, 404),
  resolveLoop: of(loop, 200, 404),
  exemplarsOfLoop: of(loop, 200, 404),
  compareLoops: of(() => ({ id: kept, other: kept }), 200, 404),
  harOfLoop: of(loop, 200, 404),
  recordingOfLoop: of(loop, 200, 404),
  originalBody: of(() => ({ id: kept, exchange, side: 'response' }), 200, 404),
  importLoop: of(async () => ({ file: await newFile() }), 201, 403),
  deleteLoop: of(async () => ({ id: (await daemon.api.import(await newFile())).id }), 204, 404),
  testRedaction: of(loop, 200, 404),
  testRules: of(nothing, 200, 200),
  listFingerprints: of(nothing, 200, 200),
  events: of(nothing, 200, 200),
  vitals: of(nothing, 200, 403),
  listCaptures: of(nothing, 200, 403),
  startCapture: of(() => ({ ...user(), reason: 'ticket', lookBack: false }), 201, 403),
  resolveCapture: of(newCapture, 200, 403),
  showCapture: of(newCapture, 200, 403),
  stopCapture: of(newCapture, 200, 403),
  deleteCapture: of(newCapture, 200, 403),
  timeline: of(user, 200, 200),
  pressButton: of(nothing, 201, 403),
  lookAtButton: of(nothing, 200, 403),
  releaseButton: of(nothing, 200, 403),
  audit: of(nothing, 200, 403),
  erase: of(() => ({ ...user(), reason: 'asked for' }), 200, 403),
  mcp: of(() => ({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }), 200, 200),
  openapi: of(nothing, 200, 200),
};

const directory = mkdtempSync(join(tmpdir(), 'loop-who-may-'));
const bearers = new Map<string, string>();
let daemon: TestLoopd;
let kept: LoopId;
let exchange: string;
let imported = 0;
let asked = 0;

const token = (role: Role, tenants?: readonly string[]) => ({
  name: `of ${role}`,
  roles: [role],
  ...(tenants && { tenants: [...tenants] }),
  forMs: 3_600_000,
});

function newFile(): Promise<Uint8Array> {
  imported += 1;
  const answer = { status: 500, body: '{"error":"no stock"}' };
  return encodeLoopFile(recordingOf({ service: 'shop', trigger: { answer }, number: imported }));
}

async function startCapture() {
  const captures = await daemon.api.captures.list();
  for (const { id, endedAt } of captures) if (endedAt === undefined) await daemon.api.captures.stop(id);
  return daemon.api.captures.start({ ...user(), reason: 'ticket', lookBack: false });
}

beforeAll(async () => {
  const secret = join(directory, 'secret');
  writeFileSync(secret, SECRET);
  daemon = await startTestLoopd({
    access: {
      tenants: [
        { name: 'ours', services: ['shop*'] },
        { name: 'theirs', services: ['billing'] },
      ],
    },
    support: { tools: [{ name: 'helpdesk', secret }] },
  });
  kept = (await daemon.api.import(await newFile())).id;
  const view = JSON.parse((await daemon.api.show(kept)).view) as { readonly exchanges: readonly { id: string }[] };
  exchange = view.exchanges[0]?.id ?? '';
  for (const role of ROLES) bearers.set(role, (await daemon.api.tokens.create(token(role))).secret);
  bearers.set('elsewhere', (await daemon.api.tokens.create(token('admin', ['theirs']))).secret);
  bearers.set('here', (await daemon.api.tokens.create(token('viewer', ['ours']))).secret);
});

afterAll(async () => {
  await daemon.close();
  rmSync(directory, { recursive: true });
});

const OTHER_PAGE = { origin: 'https://attacker.example', 'sec-fetch-site': 'cross-site' };
const OTHER_PORT = { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' };
const OTHER_HOST = { host: 'attacker.example' };

const bearer = (text: string | undefined): Headers => ({ authorization: `Bearer ${text ?? ''}` });
const ours = (): Headers => ({ origin: new URL(daemon.loopd.apiUrl).origin, 'sec-fetch-site': 'same-origin' });

async function cookie(): Promise<{ readonly sent: Headers; readonly csrf: Headers }> {
  const body = JSON.stringify({ token: daemon.loopd.token });
  const headers = { ...ours(), 'content-type': 'application/json' };
  const { cookie: set, json } = await ask(daemon.loopd.apiUrl, 'POST', '/v1/session', headers, { body });
  return { sent: { ...ours(), cookie: set.split(';')[0] ?? '' }, csrf: { 'x-loop-csrf': String(json['csrf']) } };
}

/** The signed word of a support tool; for what comes after, the handle that it is answered with. */
async function reference(operation: Operation): Promise<Headers> {
  const signed = bearer(
    await new SignJWT({ agent: 'Ada', reason: 'ticket 2', jti: randomUUID() })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('helpdesk')
      .setAudience('loopd')
      .setSubject(randomUUID())
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(Buffer.from(SECRET)),
  );
  if (operation === 'pressButton') return signed;
  const { json } = await ask(daemon.loopd.apiUrl, 'POST', ENDPOINTS.pressButton.path, signed);
  return bearer(String(json['handle']));
}

interface Asker {
  readonly headers: (operation: Operation) => Headers | Promise<Headers>;
  readonly expected: (needs: Endpoint['needs'], question: Question, method: Endpoint['method']) => number;
}

const ofRole = (role: Role): Asker => ({
  headers: () => bearer(bearers.get(role)),
  expected: (needs, { answered }) => (MAY[needs].includes(role) ? answered : refusal(needs)),
});
/** Whatever proves something elsewhere proves nothing at the button, and so nobody is there. */
const refusal = (needs: Endpoint['needs']) => (needs === 'reference' ? 401 : 403);
const attacked = (headers: Headers): Asker => ({
  headers: () => ({ ...bearer(daemon.loopd.token), ...headers }),
  expected: () => 403,
});

const ASKERS: Readonly<Record<string, Asker>> = {
  nobody: {
    headers: () => ({}),
    expected: (needs, { answered }) => (needs === 'nobody' ? answered : 401),
  },
  'a wrong token': { headers: () => bearer(`loop_00000000_${'x'.repeat(43)}`), expected: () => 401 },
  viewer: ofRole('viewer'),
  debugger: ofRole('debugger'),
  support: ofRole('support'),
  admin: ofRole('admin'),
  'the generated token': {
    headers: () => bearer(daemon.loopd.token),
    expected: (needs, { answered }) => (needs === 'reference' ? 401 : answered),
  },
  'an admin of another tenant': {
    headers: () => bearer(bearers.get('elsewhere')),
    expected: (needs, { elsewhere }) => (needs === 'reference' ? 401 : elsewhere),
  },
  'a cookie': {
    headers: async () => {
      const { sent, csrf } = await cookie();
      return { ...sent, ...csrf };
    },
    expected: (needs, { answered }) => (needs === 'reference' ? 403 : answered),
  },
  'a cookie without csrf': {
    headers: async () => (await cookie()).sent,
    expected: (needs, { answered }, method) => (needs === 'reference' || method !== 'GET' ? 403 : answered),
  },
  'a cookie that another site has sent': {
    headers: async () => {
      const { origin: _origin, ...sent } = (await cookie()).sent;
      return { ...sent, 'sec-fetch-site': 'cross-site' };
    },
    expected: (needs) => (needs === 'reference' ? 401 : 403),
  },
  'a reference': {
    headers: reference,
    expected: (needs, { answered }) => (needs === 'reference' ? answered : 401),
  },
  'a page of another site': attacked(OTHER_PAGE),
  'a page of another port': attacked(OTHER_PORT),
  'the name of another host': attacked(OTHER_HOST),
};

/** What no rule says. */
function expectedOf(operation: Operation, who: string, asker: Asker): number {
  const endpoint: Endpoint = ENDPOINTS[operation];
  const question = QUESTIONS[operation];
  // A token in its body says who it is, so only our own pages may; whoever has one in a header needs no session.
  if (operation === 'signIn') return /^a cookie( without csrf)?$/.test(who) ? 200 : 403;
  if (operation === 'createToken' && ROLES.some((role) => role === who)) return 403;
  // Of others' tokens, only whoever manages tokens knows.
  if (operation === 'revokeToken' && ['viewer', 'debugger', 'support'].includes(who)) return 404;
  return asker.expected(endpoint.needs, question, endpoint.method);
}

/** Of its own address each time: too many wrong tokens from one would be slowed. */
async function statusOf(operation: Operation, asker: Asker): Promise<number> {
  const input = (await QUESTIONS[operation].input()) as never;
  const { method, path, body } = requestOf(operation, input);
  const types: Headers =
    body === undefined ? {} : { 'content-type': body.kind === 'json' ? 'application/json' : LOOP_TYPE };
  const headers = { accept: 'application/json, text/event-stream', ...types, ...(await asker.headers(operation)) };
  asked += 1;
  const from = `127.0.${1 + Math.floor(asked / 250)}.${1 + (asked % 250)}`;
  const sent = body?.kind === 'json' ? body.text : ((body?.bytes ?? '') as string | Uint8Array);
  return (await ask(daemon.loopd.apiUrl, method, path, headers, { body: sent, from })).status;
}

const OPERATIONS = Object.keys(ENDPOINTS) as readonly Operation[];

it('knows of every question what is expected', () => {
  expect(Object.keys(QUESTIONS).toSorted()).toEqual([...OPERATIONS].toSorted());
  const permissions = OPERATIONS.map((operation) => ENDPOINTS[operation].needs).filter((needs) => !(needs in MAY));
  expect(permissions).toEqual([]);
});

describe.each(Object.entries(ASKERS))('%s', (who, asker) => {
  it('is answered what the contract says, and refused the rest', async () => {
    const told: Record<string, number> = {};
    for (const operation of OPERATIONS) told[operation] = await statusOf(operation, asker);
    expect(told).toEqual(
      Object.fromEntries(OPERATIONS.map((operation) => [operation, expectedOf(operation, who, asker)])),
    );
  });
});

it('every question is answered to somebody', () => {
  const asks = OPERATIONS.filter((operation) =>
    Object.entries(ASKERS).some(([who, asker]) => expectedOf(operation, who, asker) < 300),
  );
  expect(asks).toEqual(OPERATIONS);
});

describe('pages and protocols', () => {
  const status = async ({ method, path }: PageRoute, headers: Headers): Promise<number> =>
    (await ask(daemon.loopd.apiUrl, method, path.replace('*', ''), { accept: 'text/html', ...headers })).status;
  /** For whoever may. */
  const ANSWERED: Readonly<Record<string, number>> = {
    'GET /*': 200,
    'GET /healthz': 200,
    'GET /livez': 200,
    'GET /readyz': 200,
    'GET /metrics': 200,
    // There is no provider here: then a page has that address.
    'GET /auth/oidc': 200,
    'GET /auth/oidc/callback': 200,
    'GET /mcp': 405,
    'DELETE /mcp': 405,
    'OPTIONS /v1/support/capture': 204,
    'OPTIONS /v1/support/capture/stop': 204,
  };

  it.each(PAGES)('$method $path: $needs', async (page) => {
    const answered = ANSWERED[`${page.method} ${page.path}`];
    expect(answered).toBeDefined();
    const isHealth = page.needs === 'health';
    expect(await status(page, {})).toBe(isHealth ? 401 : answered);
    expect(await status(page, bearer(bearers.get('viewer')))).toBe(answered);
    expect(await status(page, bearer(bearers.get('here')))).toBe(isHealth ? 403 : answered);
    expect(await status(page, { ...bearer(bearers.get('admin')), ...OTHER_HOST })).toBe(403);
  });

  it('whoever sees a part sees that part, and not how the whole is doing', async () => {
    const at = async (path: string) =>
      (await ask(daemon.loopd.apiUrl, 'GET', path, bearer(bearers.get('here')))).status;
    expect([await at(`/v1/loops/${kept}`), await at('/v1/vitals'), await at('/v1/audit')]).toEqual([200, 403, 403]);
  });
});
