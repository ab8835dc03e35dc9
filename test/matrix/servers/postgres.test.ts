import { expect, it } from 'vitest';
import { readLog, statementsIn } from './postgres.ts';

const said = (connection: string, text: string) => `\u001e${connection}\u001fapp\u001f${text}\n`;

it('shows what ran, over several lines too, and what failed before it ran; an error of what ran is no second statement', () => {
  const log = [
    said('1', 'LOG:  statement: select 1;\n\tselect 2'),
    said('2', 'LOG:  execute <unnamed>: select $1'),
    said('2', 'LOG:  execute by_name/C_1: select $1'),
    said('1', 'LOG:  execute fetch from S_1/C_2: select 3'),
    said('1', 'LOG:  statement: select 1/0'),
    said('1', 'ERROR:  division by zero'),
    said('1', 'STATEMENT:  select 1/0'),
    said('1', 'ERROR:  syntax error at or near "selec"'),
    said('1', 'STATEMENT:  selec 1'),
    said('2', 'LOG:  duration: 1 ms'),
  ].join('');
  expect(statementsIn(readLog(log))).toEqual([
    { connection: '1', text: 'select 1;\nselect 2' },
    { connection: '2', text: 'select $1' },
    { connection: '2', text: 'select $1' },
    { connection: '1', text: 'select 3' },
    { connection: '1', text: 'select 1/0' },
    { connection: '1', text: 'selec 1' },
  ]);
});
