import { expect, it } from 'vitest';
import { recordedParameters } from '../../../../src/wire/redis/startup.ts';
import { captured, client, conversation, server } from '../../../support/redis-wire.ts';

it('tells what the server said of itself, in either version', () => {
  const sent = [
    client('HELLO 2', 'INFO'),
    server('*4|$6|server|$5|redis|$7|version|$5|7.2.4', '$26|# Server|redis_mode:alone'),
  ];
  expect([...recordedParameters(conversation(sent))]).toEqual([
    ['server', 'redis'],
    ['version', '7.2.4'],
    ['redis_mode', 'alone'],
  ]);
});

it('reads it off what a driver asked, and off the state in front of a later recording', () => {
  const [opening = []] = captured('node-redis');
  const told = recordedParameters(conversation(opening));
  expect(told.get('proto')).toBe('3');
  const later = conversation([client('GET a')], { state: conversation(opening.slice(0, 2)).bytes });
  expect(recordedParameters(later).get('version')).toBe(told.get('version'));
});
