import { expect, it } from 'vitest';
import { editedBy, listAnswers } from '../../../replay-sandbox/edit/answers.ts';
import { readDelay, readSet } from '../../../replay-sandbox/edit/change.ts';
import { bodyOf } from '../../../src/domain/exchange.ts';
import { decodeBackend } from '../../../src/wire/postgres/backend.ts';
import { messageFrame } from '../../../src/wire/postgres/framing.ts';
import { PLAN } from '../../support/edited-plan.ts';

const edited = (...set: readonly string[]) => editedBy(set.map(readSet))(PLAN);

/** Cells of the SELECT, row by row. */
function cells(set: string): readonly string[] {
  const { response } = edited(set).commands[1]?.command ?? { response: [] };
  return response.flatMap((bytes) => {
    const read = decodeBackend(messageFrame(bytes));
    return read?.kind === 'data-row'
      ? [read.values.map((value) => (value === null ? 'null' : String(value))).join(' ')]
      : [];
  });
}

it('lists what the loop itself was answered', () => {
  const protocols = listAnswers(PLAN).map(({ line }) => line.split(' ')[0]);
  expect([protocols.length, new Set(protocols)]).toEqual([5, new Set(['http', 'postgres', 'redis'])]);
});

it.each([
  ['postgres SELECT row[1].price_cents=0', ['A 100', 'B 0']],
  ['postgres SELECT row.price_cents=null', ['A null', 'B null']],
  ['postgres SELECT row[0].sku=Ä', [`${Buffer.from('Ä').toString()} 100`, 'B 200']],
])('--set %s', (set, rows) => {
  expect(cells(set)).toEqual(rows);
});

it.each([
  ['GET terms value=12', '$2\r\n12\r\n'],
  ['GET terms value=null', '$-1\r\n'],
  ['GET terms value={"most":1}', '$10\r\n{"most":1}\r\n'],
])('--set %s', (set, wire) => {
  expect(Buffer.concat(edited(set).commands.at(-1)?.command.response ?? []).toString()).toBe(wire);
});

it('a header is set, or added; a value in a body; a delay', () => {
  const { response } = edited('pricing headers.X-Tier=gold', 'pricing body.lines[0].sku=B').http[0]?.exchange ?? {};
  expect(response?.headers).toContainEqual({ name: 'x-tier', value: 'gold' });
  expect(response && Buffer.from(bodyOf(response)).toString()).toBe('{"price":12,"lines":[{"sku":"B"}]}');
  expect(editedBy([readDelay('GET terms=2s')])(PLAN).commands.at(-1)?.delayMs).toBe(2000);
  // The plan itself stays.
  expect(PLAN.http[0]?.exchange.response?.headers).toHaveLength(2);
});

it.each([
  ['postgres SELECT row[2].sku=C', 'it has 2 rows'],
  ['postgres SELECT row.colour=red', 'its columns are sku, price_cents'],
  ['GET terms row.sku=A', 'an answer of redis has value'],
  ['pricing body.lines[3].sku=A', 'nothing is at 3'],
  ['pricing value=1', 'an HTTP answer has status'],
  ['nobody status=500', 'No recorded answer is "nobody"'],
])('--set %s does not fit', (set, why) => {
  expect(() => edited(set)).toThrow(why);
});
