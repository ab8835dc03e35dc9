import { describe, expect, it } from 'vitest';
import { digestOf, questionOf, readRecorded } from '../../../../replay-sandbox/match/redis/recorded.ts';
import { commandOf } from '../../../../src/wire/redis/frontend.ts';
import { client, conversation } from '../../../support/redis-wire.ts';
import { recorded, said } from '../../../support/redis-commands.ts';

describe('what is read of a recording', () => {
  it('a transaction stands where its EXEC does; one that was discarded is none', () => {
    const answers = recorded([
      said('MULTI', '+OK'),
      said('SET a 1', '+QUEUED'),
      said('DISCARD', '+OK'),
      said('MULTI', '+OK'),
      said('SET b 1', '+QUEUED'),
      said('EXEC', '*1|+OK'),
      said('GET b', '$1|1'),
    ]);
    expect(
      readRecorded(answers, []).map(({ kind, questions }) => `${kind} ${questions.map(({ name }) => name).join()}`),
    ).toEqual(['command MULTI', 'command DISCARD', 'command MULTI', 'transaction SET', 'command GET']);
  });

  it('the database of a connection from before the recording', () => {
    const answers = recorded([said('GET a', '$1|x')]);
    const [id] = answers.map(({ command }) => command.conversation);
    const state = [{ ...client('SELECT 3'), at: 0, openInbound: 0 }];
    const [read] = readRecorded(answers, [conversation([], { ...(id !== undefined && { id }), state })]);
    expect(read?.question.database).toBe(3);
  });

  it('a command that never got an answer has none', () => {
    expect(readRecorded(recorded([said('BLPOP q 0')]), [])).toMatchObject([{ reply: undefined }]);
  });
});

it('a script has one name, by text and by digest', () => {
  const digest = digestOf(Buffer.from('return 1'));
  expect(questionOf(commandOf('eval', 'return 1', '0').args, 0)).toMatchObject({ name: 'EVAL', digest, form: 'text' });
  expect(questionOf(commandOf('EVALSHA', digest.toUpperCase(), '0').args, 0)).toMatchObject({ name: 'EVAL', digest });
});
