/** In whatever order what was recorded is asked again, and whatever else is asked meanwhile: nobody gets another one's answer while its own is free. */
import fc from 'fast-check';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { bodyOf } from '../../../src/domain/exchange.ts';
import { textOf } from '../../../src/wire/redis/language/replies.ts';
import { HttpMatcher } from '../../../replay-sandbox/match/http/matcher.ts';
import { question } from '../../../replay-sandbox/match/http/question.ts';
import { StatementMatcher } from '../../../replay-sandbox/match/postgres/matcher.ts';
import { questionOf } from '../../../replay-sandbox/match/postgres/recorded.ts';
import { CommandMatcher } from '../../../replay-sandbox/match/redis/matcher.ts';
import { serveRecorded } from '../../support/http-mock.ts';
import { ran, recorded as statements } from '../../support/postgres-commands.ts';
import { asks, recorded as commands, said } from '../../support/redis-commands.ts';
import { exchange, message, T0 } from '../../support/transaction.ts';

interface Asked {
  /** Of a few, so that equal questions are common. */
  readonly value: number;
  /** It was never recorded. */
  readonly strange: boolean;
}

/** What is recorded, and what is asked: all of it in another order, and what was never recorded between. */
const RUN = fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 10 }).chain((values) =>
  fc.record({
    values: fc.constant(values),
    asked: fc
      .tuple(
        fc.constant(values.map((value) => ({ value, strange: false }))),
        fc.array(
          fc.nat({ max: 3 }).map((value) => ({ value: 100 + value, strange: true })),
          { maxLength: 4 },
        ),
      )
      .chain(([own, strange]) => {
        const all: readonly Asked[] = [...own, ...strange];
        return fc.shuffledSubarray([...all], { minLength: all.length });
      }),
  }),
);

const uuid = (turn: string, value: number): string =>
  `${turn}${String(value).padStart(7, '0')}-0000-4000-8000-000000000000`;

/** `answer` says which value was recorded of what is answered, or nothing; each recorded question gets exactly its own. */
function ownAnswers(answerTo: (values: readonly number[]) => (value: number) => string | undefined): () => void {
  return () =>
    fc.assert(
      fc.property(RUN, ({ values, asked }) => {
        const ask = answerTo(values);
        const answers = asked.map(({ value, strange }) => [strange, value, ask(value)] as const);
        const own = answers.filter(([strange]) => !strange);
        expect(own.map(([, , answer]) => answer)).toEqual(own.map(([, value]) => String(value)));
      }),
      { numRuns: 100 },
    );
}

it.each([
  ['a number in the path', (_turn: string, value: number) => ['GET', `/prices/${value}`, ''] as const],
  ['a number in the body', (_turn: string, value: number) => ['POST', '/quotes', `{"n":${value},"m":1}`] as const],
  [
    'with an id made anew beside it',
    (turn: string, value: number) => ['POST', '/o', `{"id":"${uuid(turn, value)}","n":${value}}`] as const,
  ],
])('HTTP: %s', (_what, write) => {
  const of = (turn: string, value: number) => {
    const [method, path, body] = write(turn, value);
    return { method, path, body };
  };
  const type = { 'content-type': 'application/json' };
  const check = ownAnswers((values) => {
    const matcher = new HttpMatcher(
      values.map((value, at) => {
        const { method, path, body } = of('a', value);
        const sent = message({ ':method': method, ':path': path, ...type }, body);
        const response = message({ ':status': '200' }, String(value));
        return { exchange: exchange(at + 1, { request: sent, response }), source: 'loop' as const };
      }),
      () => T0,
    );
    return (value) => {
      const { method, path, body } = of('b', value);
      const match = matcher.match(
        question(method, path, [{ name: 'content-type', value: 'application/json' }], Buffer.from(body)),
      );
      return match.kind === 'miss' || match.exchange.response === undefined
        ? undefined
        : Buffer.from(bodyOf(match.exchange.response)).toString();
    };
  });
  expect(check).not.toThrow();
});

it('SQL: a parameter, on any connection', () => {
  const sql = 'update t set n = $1 returning n';
  const check = ownAnswers((values) => {
    const all = values.flatMap((value, at) => statements(ran(sql, [String(value)], [String(value)]), at + 1));
    const matcher = new StatementMatcher(all, 'db', () => T0);
    return (value) => {
      const bound = { kind: 'bind', portal: '', statement: '', formats: [], resultFormats: [] } as const;
      const match = matcher.match(questionOf(sql, { ...bound, values: [Buffer.from(String(value))] }), {});
      if (match.kind !== 'answer') return undefined;
      return /(\d+)$/.exec(match.statement.question.values.map(String).join())?.[1];
    };
  });
  expect(check).not.toThrow();
});

it.each([
  ['a key', (value: number) => `SET k:${value} v`],
  ['a value', (value: number) => `SADD k ${value}`],
])('Redis: %s', (_what, write) => {
  const check = ownAnswers((values) => {
    const all = commands(values.map((value) => said(write(value), `$${String(value).length}|${value}`)));
    const matcher = new CommandMatcher(all, [], { peer: 'redis', now: () => T0 });
    return (value) => {
      const match = matcher.match(asks(write(value)), {});
      return match.kind === 'answer' ? textOf(match.recorded.reply) : undefined;
    };
  });
  expect(check).not.toThrow();
});

it('HTTP, really at once, over sockets of their own', async () => {
  const values = [1, 2, 3, 4, 1, 2, 5, 6, 7, 8, 8, 8];
  const { port } = await serveRecorded(
    ...values.map((value, at) =>
      exchange(at + 1, {
        request: message({ ':method': 'POST', ':path': '/quotes' }, `n=${value}`),
        response: message({ ':status': '200' }, String(value)),
      }),
    ),
  );
  const ask = async (value: number): Promise<readonly [number, string]> =>
    await new Promise((resolve, reject) => {
      const sent = request({ port, host: '127.0.0.1', path: '/quotes', method: 'POST', agent: false }, (response) => {
        text(response).then((body) => resolve([response.statusCode ?? 0, body]), reject);
      });
      sent.on('error', reject).end(`n=${value}`);
    });
  const strange = [101, 102, 103];
  const asked = [...values.toReversed(), ...strange, ...values.slice(0, 3)];
  const answers = await Promise.all(asked.map(ask));
  // Writes are answered as often as they were recorded: either this one or its repeat.
  const count = (value: number) =>
    answers.filter(([status, said], at) => asked[at] === value && status === 200 && said === String(value)).length;
  const wanted = (value: number) => values.filter((one) => one === value).length;
  for (const value of new Set(values)) expect([value, count(value)]).toEqual([value, wanted(value)]);
});
