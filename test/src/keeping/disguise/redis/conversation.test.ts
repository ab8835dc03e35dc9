import { describe, expect, it } from 'vitest';
import { createDisguise } from '../../../../../src/keeping/disguise/disguise.ts';
import { ConversationDisguise } from '../../../../../src/keeping/disguise/redis/conversation.ts';
import { disguiseFrontend } from '../../../../../src/keeping/disguise/redis/frontend.ts';
import { decodeCommands } from '../../../../../src/wire/redis/commands.ts';
import { frameOf } from '../../../../../src/wire/redis/framing.ts';
import { commandOf, decodeFrontend, encodeFrontend } from '../../../../../src/wire/redis/frontend.ts';
import {
  CAPTURES,
  captured,
  client,
  conversation,
  inPieces,
  server,
  type Sent,
} from '../../../../support/redis-wire.ts';

const disguise = createDisguise({ kind: 'redaction-key', bytes: new Uint8Array(32).fill(9) });
const EMAIL = 'kim.meier@mail.example';

function disguised(sent: readonly Sent[]): readonly Sent[] {
  const connection = new ConversationDisguise(disguise);
  return sent.map(({ side, bytes }) => ({ side, bytes: connection.feed(side, bytes).bytes }));
}

const textOf = (sent: readonly Sent[]): string => Buffer.concat(sent.map(({ bytes }) => bytes)).toString('latin1');
const bulk = (text: string): string => `$${text.length}|${text}`;

describe('a connection without originals', () => {
  it('has tokens where somebody wrote, and everything else as it was', () => {
    const json = JSON.stringify({ email: EMAIL, tier: 'gold' });
    const sent = [
      client(encodeFrontend(commandOf('SET', 'customer:7', json)), 'GET customer:7', 'INCR n'),
      server('+OK', bulk(json), ':1'),
    ];
    const hidden = disguised(sent);
    expect(textOf(hidden)).not.toContain(EMAIL);
    expect(textOf(hidden)).toContain('gold');
    const [set, get, incr] = decodeCommands(conversation(hidden));
    // What was stored is what is got.
    const stored = decodeFrontend(frameOf('client', set?.request[0] ?? new Uint8Array()))?.args[2];
    expect(Buffer.from(get?.response[0] ?? []).toString()).toContain(Buffer.from(stored ?? []).toString());
    expect(incr?.summary).toBe('INCR n');
  });

  it('has no password', () => {
    const sent = [
      client('HELLO 3 AUTH app hunter2', 'AUTH hunter2', 'ACL SETUSER kim >hunter2'),
      server('%0', '+OK', '+OK'),
    ];
    expect(textOf(disguised(sent))).not.toContain('hunter2');
  });

  it.each([
    ['HGET user:7 password', bulk('hunter2')],
    ['HMGET user:7 name password', `*2|${bulk('kim')}|${bulk('hunter2')}`],
    ['HGETALL user:7', `*2|${bulk('password')}|${bulk('hunter2')}`],
    ['HGETALL user:7', `%1|${bulk('password')}|${bulk('hunter2')}`],
    ['GET password:7', bulk('hunter2')],
    ['MGET a password:7', `*2|$-1|${bulk('hunter2')}`],
    ['XRANGE s - +', `*1|*2|${bulk('1-1')}|*2|${bulk('password')}|${bulk('hunter2')}`],
    ['XREAD STREAMS s 0', `*1|*2|$1|s|*1|*2|${bulk('1-1')}|*2|${bulk('password')}|${bulk('hunter2')}`],
    ['CONFIG GET *pass', `*4|${bulk('requirepass')}|${bulk('hunter2')}|${bulk('maxmemory')}|$1|0`],
    ['CONFIG GET *pass', `%1|${bulk('requirepass')}|${bulk('hunter2')}`],
    ['SENTINEL CONFIG GET *', `*2|${bulk('sentinel-pass')}|${bulk('hunter2')}`],
    ['ACL GENPASS', bulk('hunter2')],
    ['ACL LIST', `*1|${bulk('user kim on #hunter2 ~* +@all')}`],
    ['ACL GETUSER kim', `*4|$5|flags|*1|$2|on|$9|passwords|*2|$1|x|${bulk('hunter2')}`],
    ['SLOWLOG GET', `*1|*6|:1|:2|:3|*4|$4|HSET|$1|h|${bulk('password')}|${bulk('hunter2')}|$1|a|$1|b`],
    ['GET a', `+1339518083.107412 [0 [::1]:60866] "hset" "h" "password" "hunter2"`],
    ['HSCAN h 0', `*2|$1|0|*2|${bulk('password')}|${bulk('hunter2')}`],
  ])('hides values by the fields of %s', (asked, answer) => {
    const hidden = disguised([client(asked), server(answer)]);
    expect(textOf(hidden)).not.toContain('hunter2');
    expect(decodeCommands(conversation(hidden))[0]?.response).toHaveLength(1);
  });

  it('hides what others ask of the server, and leaves lines of MONITOR that', () => {
    const line = (command: string): string => `+1339518083.107412 [0 127.0.0.1:60866] ${command}`;
    const sent = [
      client('MONITOR'),
      server('+OK', line('"AUTH" "app" "hunter2"'), line('"hset" "user:7" "name" "k\\"m" "password" "hunter2"')),
      server(line(`"set" "a" "${EMAIL}"`), line('"unclosed')),
    ];
    const hidden = disguised(sent);
    expect(textOf(hidden)).toContain(line('"AUTH" "redacted" "redacted"\r\n'));
    expect(textOf(hidden)).toContain(line('"hset" "user:7" "name" "k\\"m" "password" "REDACTED('));
    expect(textOf(hidden)).not.toMatch(/hunter2|kim\.meier/);
    expect(decodeCommands(conversation(hidden))[0]?.pushed).toHaveLength(4);
  });

  it.each([
    `¦1|${bulk('password')}|${bulk('hunter2')}|$1|x`,
    `¦1|$14|key-popularity|%1|${bulk('session:9f2c81d4e07b4a63b1c5')}|,0.9|$1|x`,
    `*1|¦1|$3|who|${bulk(EMAIL)}|$1|x`,
  ])('hides what the server says about a reply: %j', (reply) => {
    const bytes = Buffer.from(Buffer.from(server(reply).bytes).toString().replace('¦', '|'));
    const hidden = disguised([client('HELLO 3', 'LRANGE a 0 0'), server('%0'), { side: 'server', bytes }]);
    expect(textOf(hidden)).not.toMatch(/hunter2|kim\.meier|9f2c81d4/);
    expect(decodeCommands(conversation(hidden))[1]?.response).toHaveLength(1);
  });

  it('hides all strings of a transaction whose commands are not known', () => {
    const connection = new ConversationDisguise(disguise);
    connection.lose();
    connection.feed('server', server('+QUEUED').bytes);
    connection.feed('client', client('GET a', 'EXEC').bytes);
    const { bytes } = connection.feed('server', server('+QUEUED', `*2|${bulk('hunter2')}|$1|x`).bytes);
    expect(Buffer.from(bytes).toString()).toBe('+QUEUED\r\n*2\r\n$8\r\nredacted\r\n$8\r\nredacted\r\n');
  });

  it('hides in a transaction, in messages, and in errors', () => {
    const sent = [
      client('MULTI', 'HGET user:7 password', 'EXEC', 'SUBSCRIBE mail', 'EVAL x 0'),
      server(
        '+OK',
        '+QUEUED',
        `*1|${bulk('hunter2')}`,
        '*3|$9|subscribe|$4|mail|:1',
        `*3|$7|message|$4|mail|${bulk(EMAIL)}`,
        `-ERR no ${EMAIL}`,
      ),
    ];
    const hidden = textOf(disguised(sent));
    expect(hidden).not.toMatch(/hunter2|kim\.meier/);
    expect(hidden).toContain('subscribe');
  });

  it('makes other bytes of bytes that nobody reads, the same of the same', () => {
    const bytes = Uint8Array.from({ length: 40 }, (_, at) => (at * 37) % 256);
    const [set] = disguised([client(encodeFrontend(commandOf('SET', 'a', bytes)))]);
    const args = decodeFrontend(frameOf('client', set?.bytes ?? new Uint8Array()))?.args;
    expect(args?.[2]).toHaveLength(40);
    expect(args?.[2]).not.toEqual(Buffer.from(bytes));
    const again = disguiseFrontend(commandOf('SET', 'a', bytes), disguise).args[2];
    expect(Buffer.from(again ?? [])).toEqual(Buffer.from(args?.[2] ?? []));
  });

  it('is disguised once: what a replay asks with tokens is what was recorded', () => {
    const once = disguiseFrontend(commandOf('SET', 'user:7', JSON.stringify({ email: EMAIL })), disguise);
    expect(disguiseFrontend(once, disguise)).toEqual(once);
  });

  it('hides keys that have changed as those that are asked for', () => {
    const key = 'session:9f2c81d4e07b4a63b1c5';
    const sent = [
      client('HELLO 3', 'CLIENT TRACKING ON', 'SUBSCRIBE __keyevent@0__:del', `GET ${key}`),
      server(
        '%0',
        '+OK',
        `>3|${bulk('subscribe')}|${bulk('__keyevent@0__:del')}|:1`,
        '$1|x',
        `>2|${bulk('invalidate')}|*1|${bulk(key)}`,
        `>3|${bulk('message')}|${bulk('__keyevent@0__:del')}|${bulk(key)}`,
        `>2|${bulk('invalidate')}|_`,
      ),
    ];
    const hidden = disguised(sent);
    expect(textOf(hidden)).not.toContain('9f2c81d4');
    const [, tracking, subscribe, get] = decodeCommands(conversation(hidden));
    const asked = decodeFrontend(frameOf('client', get?.request[0] ?? new Uint8Array()))?.args[1];
    expect(asked?.length).toBeGreaterThan(0);
    const pushes = [...(tracking?.pushed ?? []), ...(subscribe?.pushed ?? [])].map(({ bytes }) => Buffer.from(bytes));
    expect(pushes.map((bytes) => bytes.includes(Buffer.from(asked ?? [])))).toEqual([true, false, true]);
  });

  it('goes on behind bytes that were lost', () => {
    const connection = new ConversationDisguise(disguise);
    connection.feed('client', client('GET a').bytes);
    connection.lose();
    connection.feed('server', server('xx').bytes);
    expect(connection.feed('client', client('GET b').bytes)).toEqual({ bytes: client('GET b').bytes, found: true });
  });

  it.each(CAPTURES)('has the commands that %s sent, whole and byte by byte', (name) => {
    for (const sent of captured(name)) {
      const names = (some: readonly Sent[]): readonly (string | undefined)[] =>
        decodeCommands(conversation(some)).map(
          ({ summary, error, rows }) => `${summary.split(' ')[0]} ${error?.code} ${rows}`,
        );
      const hidden = disguised(sent);
      expect(names(hidden)).toEqual(names(sent));
      expect(textOf(hidden)).not.toContain('s3cret');
      expect(textOf(disguised(inPieces(sent, 1)))).toBe(textOf(disguised(inPieces(sent, 1))));
      expect(names(disguised(inPieces(sent, 1)))).toEqual(names(sent));
    }
  });
});
