import { expect, it } from 'vitest';
import { blocksOf } from '../../../../src/assembly/flow/blocks.ts';
import { command, stream, T0 } from '../../../support/transaction.ts';

/** `<connection> <statement>`, a millisecond apart. */
function blocks(...said: readonly string[]): readonly string[] {
  const commands = said.map((text, index) => {
    const [, connection = '', summary = ''] = /^(\d) (.*)$/.exec(text) ?? [];
    return command(index + 1, {
      summary,
      startedAt: T0 + index,
      conversation: stream(Number(connection)),
      protocol: 'postgres',
    });
  });
  return blocksOf(commands.toReversed()).map((block) => block.map(({ summary }) => summary).join(', '));
}

it('commands of one transaction stand together, on their own connection', () => {
  expect(
    blocks('1 begin', '2 select a', '1 insert', '2 begin', '1 commit', '2 update', '1 select b', '2 rollback'),
  ).toEqual(['begin, insert, commit', 'select a', 'begin, update, rollback', 'select b']);
});

it('a block whose beginning is not there is single commands, one whose end is not there goes on', () => {
  expect(blocks('1 insert', '1 commit', '1 begin', '1 update')).toEqual(['insert', 'commit', 'begin, update']);
});

it('a protocol that knows no blocks has none', () => {
  expect(blocksOf([command(1, { protocol: 'tcp' }), command(2, { protocol: 'tcp' })])).toHaveLength(2);
});
