import { describe, expect, it } from 'vitest';
import { placeCommands } from '../../../../src/assembly/flow/commands.ts';
import type { Command } from '../../../../src/domain/conversation.ts';
import type { Exchange } from '../../../../src/domain/exchange.ts';
import { command, exchange, message, stream, T0, vantage } from '../../../support/transaction.ts';

const KNOWN = { services: {}, lonely: new Set<never>(), gapless: true };

/** An order that stays open for 200 ms. */
function order(number: number, body: object): Exchange {
  const json = { 'content-type': 'application/json' };
  return exchange(number, {
    vantage: vantage('shop', 'inbound'),
    trace: { traceId: number.toString(16).padStart(32, '0'), spanId: '1'.repeat(16) },
    request: message({ ':method': 'POST', ':path': '/orders', ...json }, JSON.stringify(body), {
      startedAt: T0,
      endedAt: T0,
    }),
    response: message({ ':status': '200', ...json }, '{}', { startedAt: T0 + 200, endedAt: T0 + 200 }),
    startedAt: T0,
    endedAt: T0 + 200,
  });
}

function asked(number: number, connection: number, summary: string, more: Partial<Command> = {}): Command {
  return command(number, {
    summary,
    conversation: stream(connection),
    protocol: 'postgres',
    startedAt: T0 + 10 + number * 3,
    endedAt: T0 + 11 + number * 3,
    ...more,
  });
}

/** `<command> <request>`, what is placed. */
function placed(exchanges: readonly Exchange[], commands: readonly Command[]): readonly string[] {
  const notes = placeCommands({ exchanges, links: [], commands, known: KNOWN }, commands);
  return notes.map(({ at, parent }) => {
    const index = commands.findIndex(({ startedAt }) => startedAt === at);
    return `${commands[index]?.summary ?? ''} ${parent.split('.')[1] ?? ''}`;
  });
}

describe('commands of connections that several requests share', () => {
  const orders = [1, 2, 3].map((number) => order(number, { order: `7f3a-00${number}`, customer: 40 + number }));

  it('stand together in a block: one value places BEGIN and COMMIT too', () => {
    const block = [
      asked(1, 21, 'begin'),
      asked(2, 21, 'insert into orders values ($1)', { parameters: ['7f3a-002'] }),
      asked(3, 21, 'commit'),
    ];
    expect(placed(orders, block)).toEqual(['begin 2', 'insert into orders values ($1) 2', 'commit 2']);
  });

  it('one that carries trace context says it for its block', () => {
    const request = [Buffer.from(`Q....begin /*traceparent='00-${'3'.padStart(32, '0')}-${'1'.repeat(16)}-01'*/`)];
    const block = [asked(1, 21, 'begin', { request }), asked(2, 21, 'select $1'), asked(3, 21, 'commit')];
    expect(placed(orders, block)).toEqual(['select $1 3', 'commit 3']);
  });

  it('one that names a trace of which nobody is here leaves its block to strangers', () => {
    const request = [Buffer.from(`Q....begin /*traceparent='00-${'9'.padStart(32, '0')}-${'1'.repeat(16)}-01'*/`)];
    const insert = asked(2, 21, 'insert into orders values ($1)', { parameters: ['7f3a-002'] });
    expect(placed(orders, [asked(1, 21, 'begin', { request }), insert])).toEqual([]);
  });

  it('one that only one request can have made says it for its block', () => {
    const block = [asked(1, 21, 'begin'), asked(2, 21, 'select 1'), asked(3, 21, 'commit', { owner: stream(1) })];
    expect(placed(orders, block)).toEqual(['begin 1', 'select 1 1']);
  });

  it('what nothing speaks for is nobody’s', () => {
    expect(placed(orders, [asked(1, 21, 'select rate from rates')])).toEqual([]);
  });
});

describe('a value that always comes from requests', () => {
  const many = Array.from({ length: 12 }, (_, index) =>
    order(index + 1, { order: `o-${index}`, customer: 11 + index }),
  );
  const lookups = many.map((_, index) =>
    asked(index + 1, 21 + (index % 5), 'select name from customers where id = $1', {
      parameters: [String(11 + index)],
    }),
  );

  it('tells requests apart, short as it is', () => {
    expect(placed(many, lookups)).toEqual(
      many.map((_, index) => `select name from customers where id = $1 ${index + 1}`),
    );
  });

  it('two who have it are not told apart', () => {
    const twin = order(13, { order: 'o-13', customer: 11 });
    expect(placed([...many, twin], lookups)).not.toContain('select name from customers where id = $1 1');
  });
});
