import { expect, it } from 'vitest';
import { countStatements } from './counting.ts';

const logged = (...texts: readonly string[]) => texts.map((text) => ({ connection: 'one', text }));

it('each statement of the log needs an answer of its own', () => {
  const counts = countStatements(logged('a', 'a', 'b'), [
    { text: 'a', grade: 'exact' },
    { text: 'b', grade: 'normalised' },
  ]);
  expect(counts).toEqual({
    statements: 3,
    identical: 2,
    drifted: 0,
    missed: 0,
    remarks: ["2 × in the server's log, 1 × answered as recorded: a"],
  });
});

it('what drifted, was missed or was borrowed from another request is not identical', () => {
  const counts = countStatements(logged('a', 'b', 'c', 'd'), [
    { text: 'a', grade: 'drifted' },
    { text: 'b', grade: 'missed' },
    { text: 'c', grade: 'borrowed', source: 'exemplar' },
    { text: 'd', grade: 'borrowed', source: 'ambient' },
  ]);
  expect(counts).toMatchObject({ statements: 4, identical: 1, drifted: 1, missed: 1 });
});

it('what every connection says of itself is said less often by fewer connections', () => {
  const log = ['one', 'two', 'three'].map((connection) => ({ connection, text: 'set names' }));
  const asked = { text: 'set names', grade: 'synthesised' } as const;
  expect(countStatements(log, [asked, asked])).toMatchObject({ statements: 3, identical: 3 });
  expect(countStatements(log, [asked, { ...asked, grade: 'missed' }])).toMatchObject({ identical: 1 });
  expect(countStatements(log, [])).toMatchObject({ identical: 0 });
});

it('what is only spread evenly over connections needs an answer each', () => {
  const one = ['set names', 'select 1', 'select 2'];
  const log = [
    ...one.map((text) => ({ connection: 'one', text })),
    ...['set names', 'select 2'].map((text) => ({ connection: 'two', text })),
    { connection: 'three', text: 'set names' },
  ];
  const calls = ['set names', 'select 1', 'select 2'].map((text) => ({ text, grade: 'exact' }) as const);
  expect(countStatements(log, calls)).toMatchObject({ statements: 6, identical: 5 });
});

it('what drifted is not identical, wherever it came from', () => {
  const counts = countStatements(logged('a'), [{ text: 'a', grade: 'drifted', source: 'ambient' }]);
  expect(counts).toMatchObject({ identical: 0, drifted: 1 });
});

it('a stream counts by its messages', () => {
  const log = [{ connection: 'one', text: '/Chat', messages: 7 }];
  expect(countStatements(log, [{ text: '/Chat', grade: 'exact' }])).toMatchObject({ statements: 7, identical: 7 });
});
