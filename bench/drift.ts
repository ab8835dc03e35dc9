// How long questions take that were never recorded, beside a recording of many of their kind.
//   node bench/drift.ts [how many]
import { HttpMatcher } from '../replay-sandbox/match/http/matcher.ts';
import { question } from '../replay-sandbox/match/http/question.ts';
import { StatementMatcher } from '../replay-sandbox/match/postgres/matcher.ts';
import { questionOf } from '../replay-sandbox/match/postgres/recorded.ts';
import { CommandMatcher } from '../replay-sandbox/match/redis/matcher.ts';
import { ran, recorded as statements } from '../test/support/postgres-commands.ts';
import { asks, recorded as commands, said } from '../test/support/redis-commands.ts';
import { exchange, message, T0 } from '../test/support/transaction.ts';

const MANY = Number(process.argv[2] ?? 2000);
const JSON_TYPE = [{ name: 'content-type', value: 'application/json' }];
const SQL = 'update t set n = $1 where id = 1';
const some = Array.from({ length: MANY }, (_, at) => at);
const body = (value: number): string => JSON.stringify({ sku: `k${value}`, quantity: value, note: 'the same for all' });

function http(): (value: number) => unknown {
  const answers = some.map((at) => ({
    exchange: exchange(at + 1, {
      request: message({ ':method': 'POST', ':path': '/quotes', 'content-type': 'application/json' }, body(at)),
      response: message({ ':status': '200' }, String(at)),
    }),
    source: 'loop' as const,
  }));
  const matcher = new HttpMatcher(answers, () => T0);
  return (value) => matcher.match(question('POST', '/quotes', JSON_TYPE, Buffer.from(body(value))));
}

function postgres(): (value: number) => unknown {
  const all = statements(some.flatMap((at) => ran(SQL, [String(at)], [String(at)])));
  const matcher = new StatementMatcher(all, 'db', () => T0);
  return (value) => {
    const bound = { kind: 'bind', portal: '', statement: '', formats: [], resultFormats: [] } as const;
    return matcher.match(questionOf(SQL, { ...bound, values: [Buffer.from(String(value))] }), {});
  };
}

function redis(): (value: number) => unknown {
  const all = commands(some.map((at) => said(`SADD k ${at}`, `:${at}`)));
  const matcher = new CommandMatcher(all, [], { peer: 'redis', now: () => T0 });
  return (value) => matcher.match(asks(`SADD k ${value}`), {});
}

for (const [name, make] of Object.entries({ http, postgres, redis })) {
  const ask = make();
  const began = performance.now();
  for (const at of some) ask(at + 1_000_000);
  process.stdout.write(`${name.padEnd(10)}${MANY} questions ${Math.round(performance.now() - began)} ms\n`);
}
