/** Every question that is answered in JSON, asked of a real loopd that recorded: the answers are what the OpenAPI document says. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requestOf } from '../../../../src/api/client/call.ts';
import { ENDPOINTS, type Endpoint, type Operation } from '../../../../src/api/contract/endpoints.ts';
import type { InputOf } from '../../../../src/api/contract/inputs.ts';
import { shapesOf } from '../../../../src/api/contract/shapes.ts';
import type { LoopId } from '../../../../src/domain/ids.ts';
import { encodeLoopFile } from '../../../../storage/format/encode.ts';
import { connectTo, EnvoyCall } from '../../../support/extproc-client.ts';
import { requestHeaders, responseBody, responseHeaders } from '../../../support/extproc.ts';
import { answerValidator, type Json } from '../../../support/openapi.ts';
import { recordingOf } from '../../../support/recording.ts';
import { allFailures, decided, startTestLoopd, type TestLoopd } from '../../../support/test-loopd.ts';
import { until } from '../../../support/until.ts';

const SECRET = 's'.repeat(64);
const ORIGIN = 'https://helpdesk.example';
const USER = 'customer-7';

const directory = mkdtempSync(join(tmpdir(), 'loop-answers-'));
let daemon: TestLoopd;
let document: Json;
const asked = new Set<Operation>();

beforeAll(async () => {
  const secret = join(directory, 'secret');
  writeFileSync(secret, SECRET);
  daemon = await startTestLoopd({ support: { tools: [{ name: 'helpdesk', secret, origins: [ORIGIN] }] } });
  document = (await answerOf('openapi', {})) as Json;
  await fail('/orders/7', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
  await fail('/orders/8', '00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
  await decided(daemon, 2);
});

afterAll(async () => {
  await daemon.close();
  rmSync(directory, { recursive: true });
});

/** As the sidecar of "shop" tells of a request that was answered with 500. */
async function fail(path: string, traceparent: string): Promise<void> {
  const session = connectTo(daemon.sink);
  const told = { service: 'shop', instance: 'shop-1', version: '1.2.0', direction: 'inbound', protocol: 'http' };
  const call = new EnvoyCall(
    session,
    Object.fromEntries(Object.entries(told).map(([name, value]) => [`x-loop-${name}`, value])),
  );
  const line = { ':method': 'GET', ':path': path, ':authority': 'shop', ':scheme': 'http' };
  const end = { endOfStream: true };
  call.send(
    requestHeaders(
      { ...line, traceparent, 'x-user-id': USER },
      { ...end, attributes: { 'request.protocol': 'HTTP/1.1' } },
    ),
    responseHeaders({ ':status': '500', 'content-type': 'application/json' }, { endOfStream: false }),
    responseBody('{"error":"no stock"}', end),
  );
  call.finish();
  await new Promise<void>((over) => call.stream.once('close', () => over()));
  session.close();
}

/** Says of the answer that it is as promised, and gives it. */
async function answerOf<Op extends Operation>(
  operation: Op,
  input: InputOf<Op>,
  headers: Readonly<Record<string, string>> = { authorization: `Bearer ${daemon.loopd.token}` },
): Promise<unknown> {
  const { method, path, body } = requestOf(operation, input);
  const type =
    body === undefined ? {} : { 'content-type': body.kind === 'json' ? 'application/json' : 'application/vnd.loop' };
  const sent = body?.kind === 'json' ? body.text : (body?.bytes as Uint8Array<ArrayBuffer> | undefined);
  const init = {
    method,
    headers: { accept: 'application/json, text/event-stream', ...type, ...headers },
    body: sent ?? null,
  };
  const response = await fetch(new URL(path, daemon.loopd.apiUrl), init);
  const answer: unknown = await response.json();
  expect([operation, response.status < 300 ? 'answered' : answer]).toEqual([operation, 'answered']);
  // Nothing beyond what is described, either.
  expect([operation, shapesOf(operation).answer.parse(answer)]).toEqual([operation, answer]);
  const valid = answerValidator(operation === 'openapi' ? (answer as Json) : document, operation);
  expect([operation, valid?.(answer), valid?.errors]).toEqual([operation, true, null]);
  asked.add(operation);
  return answer;
}

it('is told who asks, and which tokens there are', async () => {
  const { apiUrl, token } = daemon.loopd;
  await answerOf('session', {}, {});
  expect(await answerOf('session', {})).toMatchObject({ principal: { roles: ['admin'] } });
  await answerOf('signIn', { token }, { origin: new URL(apiUrl).origin, 'sec-fetch-site': 'same-origin' });
  await answerOf('createToken', { name: 'of a test', roles: ['viewer'] });
  await answerOf('listTokens', {});
});

it('is told of failures, and what differs in them', async () => {
  const [first, second] = await allFailures(daemon.api);
  const [id, other] = [first?.id ?? '', second?.id ?? ''];
  await answerOf('listLoops', { limit: 1 });
  await answerOf('showLoop', { id });
  await answerOf('resolveLoop', { id: id.slice(0, 8) });
  await answerOf('exemplarsOfLoop', { id });
  await answerOf('compareLoops', { id, other });
  await answerOf('harOfLoop', { id });
  await answerOf('testRedaction', { id, rules: { names: ['error'] } });
  await answerOf('testRules', {});
  await answerOf('testRules', { rules: 'rules: 7' });
  const counted = (await answerOf('listFingerprints', {})) as { readonly fingerprints: readonly unknown[] };
  expect(counted.fingerprints).not.toEqual([]);
  await answerOf('vitals', {});
});

it('takes a recording in', async () => {
  const file = await encodeLoopFile(recordingOf({ service: 'orders', trigger: { answer: { status: 502 } } }));
  const { id } = (await answerOf('importLoop', { file })) as { readonly id: LoopId };
  expect(await answerOf('showLoop', { id })).toMatchObject({ summary: { id } });
});

it('captures a user, by hand and by the button', async () => {
  const capture = (await answerOf('startCapture', { user: USER, reason: 'ticket 1', lookBack: true })) as {
    readonly id: string;
  };
  const { id } = capture;
  await until(
    () => daemon.api.captures.list(),
    ([one]) => one?.reachedBackTo !== undefined,
  );
  await answerOf('listCaptures', {});
  await answerOf('resolveCapture', { id: id.slice(0, 8) });
  await answerOf('stopCapture', { id });
  await answerOf('showCapture', { id });
  await answerOf('timeline', { user: USER });
  await answerOf('deleteCapture', { id });
  const reference = await new SignJWT({ agent: 'Ada', reason: 'ticket 2', jti: randomUUID() })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer('helpdesk')
    .setAudience('loopd')
    .setSubject(USER)
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(Buffer.from(SECRET));
  const page = (bearer: string) => ({ authorization: `Bearer ${bearer}`, origin: ORIGIN });
  const { handle = '' } = (await answerOf('pressButton', {}, page(reference))) as { readonly handle?: string };
  await answerOf('lookAtButton', {}, page(handle));
  expect(await answerOf('releaseButton', {}, page(handle))).toHaveProperty('capture');
});

it('serves agents, tells what was done, and forgets a user', async () => {
  await answerOf('mcp', { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });
  await answerOf('erase', { user: USER, reason: 'asked for' });
  const { entries } = (await answerOf('audit', { limit: 100 })) as { readonly entries: readonly unknown[] };
  expect(entries.length).toBeGreaterThan(5);
});

it('was asked everything there is', () => {
  const json = Object.entries(ENDPOINTS).filter(([, { answers = 'json' }]: [string, Endpoint]) => answers === 'json');
  expect([...asked].toSorted()).toEqual(json.map(([operation]) => operation).toSorted());
});
