import { expect, it } from 'vitest';
import { failed, peersOf, reset, slow, twice } from '../../../replay-sandbox/edit/weather.ts';
import type { ReplayPlan } from '../../../replay-sandbox/plan/plan.ts';
import { header, statusOf } from '../../../src/domain/exchange.ts';
import { decodeBackend } from '../../../src/wire/postgres/backend.ts';
import { messageFrame } from '../../../src/wire/postgres/framing.ts';
import { PLAN } from '../../support/edited-plan.ts';

const PEERS = peersOf(PLAN);

function peer(protocol: string) {
  const found = PEERS.find((one) => one.protocol === protocol);
  if (found === undefined) throw new Error(`no peer of ${protocol}`);
  return found;
}

/** Which answers are not those of the plan: `http 2`, `SELECT …`. */
function changedIn({ http, commands }: ReplayPlan): readonly string[] {
  return [
    ...http.filter((answer, at) => answer !== PLAN.http[at]).map(({ exchange }) => exchange.peer.name),
    ...commands
      .filter((answer, at) => answer !== PLAN.commands[at])
      .map(({ command }) => command.summary.split(' ')[0] ?? ''),
  ];
}

it('each peer once, and how it fails', () => {
  expect(PEERS.map(({ protocol, failure }) => `${protocol} ${failure}`)).toEqual([
    'http answers 503',
    'grpc answers UNAVAILABLE',
    'postgres answers 58030 io_error',
    'redis answers -ERR',
  ]);
});

it.each([
  ['http', ['pricing']],
  ['grpc', ['desk']],
  ['postgres', ['BEGIN', 'SELECT']],
  ['redis', ['GET']],
])('slow %s: every answer of it, and of no other', (protocol, names) => {
  const late = slow(PLAN, peer(protocol), 2000);
  expect(changedIn(late)).toEqual(names);
  const delays = [...late.http, ...late.commands].flatMap(({ delayMs }) => delayMs ?? []);
  expect(delays).toEqual(names.map(() => 2000));
});

it('gRPC fails in a head without messages', () => {
  const { response } = failed(PLAN, peer('grpc')).http[1]?.exchange ?? {};
  expect([header(response?.headers ?? [], ':status'), header(response?.headers ?? [], 'grpc-status')]).toEqual([
    '200',
    '14',
  ]);
  expect([response?.body, response?.trailers, response?.complete]).toEqual([[], [], true]);
});

it('HTTP fails with 503, and is reset before its body', () => {
  const [first] = failed(PLAN, peer('http')).http;
  expect(first && statusOf(first.exchange)).toBe(503);
  expect(reset(PLAN, peer('http')).http[0]?.exchange.response).toMatchObject({ body: [], complete: false });
});

it('Postgres fails where a statement runs, and lets transactions begin', () => {
  const [begin, select] = failed(PLAN, peer('postgres')).commands;
  expect([begin?.command.error, select?.command.error?.code]).toEqual([undefined, '58030']);
  const kinds = select?.command.response.map((bytes) => decodeBackend(messageFrame(bytes))?.kind);
  expect(kinds).toEqual(['row-description', 'error', 'ready']);
});

it('Redis fails with an error reply', () => {
  const command = failed(PLAN, peer('redis')).commands.at(-1)?.command;
  expect(Buffer.concat(command?.response ?? []).toString()).toMatch(/^-ERR .+\r\n$/);
});

it('twice: everything of the loop once more, behind the first time', () => {
  const again = twice(PLAN);
  expect([again.http.length, again.commands.length]).toEqual([5, 6]);
});
