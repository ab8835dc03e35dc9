/** A real Redis server, its account of what it was asked by MONITOR. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { createClient } from 'redis';
import { summarise } from '../../../src/wire/redis/language/summary.ts';
import { startRedis } from '../../support/redis.ts';
import { until } from '../../support/until.ts';
import type { Logged, MatrixServer, ServerKind } from './server.ts';

const PASSWORD = 'secret-of-app';

export const redisServer: ServerKind = { transport: 'tcp', usualPort: 6379, start };

async function start(): Promise<MatrixServer> {
  const server = await startRedis([`requirepass ${PASSWORD}`]);
  try {
    const client = await createClient({ socket: server, password: PASSWORD, RESP: 2 }).connect();
    client.on('error', () => undefined);
    const about = await client.sendCommand<string>(['INFO', 'server']);
    // Valkey names the Redis it stands for too.
    const [, name = 'redis', version = ''] =
      /(valkey)_version:(\S+)/.exec(about) ?? /(redis)_version:(\S+)/.exec(about) ?? [];
    const monitor = await watch(server.port);
    return {
      port: server.port,
      version: `${name === 'valkey' ? 'Valkey' : 'Redis'} ${version}`,
      env: { REDIS_PASSWORD: PASSWORD },
      statements: async () => {
        const mark = `mark ${String(process.hrtime.bigint())}`;
        await client.sendCommand(['ECHO', mark]);
        const lines = await until(
          () => monitor.lines(),
          (seen) => seen.some((line) => line.includes(mark)),
        );
        const own = lines
          .findLast((line) => line.includes(mark))
          ?.split(']')[0]
          ?.split(' ')
          .at(-1);
        return commandsIn(lines).filter(({ connection }) => connection !== own);
      },
      stop: async () => {
        client.destroy();
        monitor.close();
        await server.stop();
      },
    };
  } catch (cause) {
    await server.stop();
    throw cause;
  }
}

interface Monitor {
  lines(): readonly string[];
  close(): void;
}

async function watch(port: number): Promise<Monitor> {
  const connection = connect(port, '127.0.0.1').setEncoding('latin1');
  let seen = '';
  connection.on('data', (text: string) => (seen += text)).on('error', () => undefined);
  await once(connection, 'connect');
  connection.write(`AUTH ${PASSWORD}\r\nMONITOR\r\n`);
  await until(
    () => seen,
    (text) => text.startsWith('+OK\r\n+OK\r\n'),
  );
  return { lines: () => seen.split('\r\n').slice(2, -1), close: () => connection.destroy() };
}

const LINE = /^\+\d+\.\d+ \[\d+ (\S+)\] (.*)$/;

/** What scripts ask of the server themselves is no question of the app. */
export function commandsIn(lines: readonly string[]): readonly Logged[] {
  return lines.flatMap((line) => {
    const [, connection, words] = LINE.exec(line) ?? [];
    if (connection === undefined || words === undefined || connection === 'lua') return [];
    return [{ connection, text: summarise({ args: argumentsIn(words) }) }];
  });
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\u0007', b: '\b' };

/** `"set" "a\x00b\"c"`, as redis-cli quotes. */
function argumentsIn(words: string): readonly Buffer[] {
  return [...words.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map(([, word = '']) =>
    Buffer.from(
      word.replace(/\\(?:x([0-9a-f]{2})|(.))/gs, (_, hex: string | undefined, other: string | undefined) =>
        hex === undefined ? (ESCAPES[other ?? ''] ?? other ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
      ),
      'latin1',
    ),
  );
}
