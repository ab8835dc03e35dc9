/** What the sandbox says of itself where the recording does not: replies about the connection and the server. */
import type { Backend, RespVersion } from '../../../src/wire/redis/backend.ts';
import { wordOf } from '../../../src/wire/redis/frontend.ts';
import { digestOf, type Question } from '../../match/redis/recorded.ts';

/** Of the connection, as far as it can be asked for. */
export interface About {
  readonly id: number;
  readonly name: Uint8Array;
  readonly database: number;
  readonly version: RespVersion;
  /** As the recorded server told them: `version`, `redis_version`, `mode`, `role`. */
  readonly parameters: ReadonlyMap<string, string>;
}

const SERVER_VERSION = '7.4.0';

export const simple = (text: string): Backend => ({ kind: 'simple', data: Buffer.from(text) });
export const bulk = (text: string | Uint8Array): Backend => ({ kind: 'bulk', data: Buffer.from(text) });
export const integer = (value: number): Backend => ({ kind: 'integer', value: BigInt(value) });
export const failure = (text: string): Backend => ({ kind: 'error', data: Buffer.from(text.replace(/[\r\n]+/g, ' ')) });
export const array = (...items: readonly Backend[]): Backend => ({ kind: 'array', items });
export const OK = simple('OK');
const NULL: Backend = { kind: 'null', of: 'bulk' };

/** The first line of an explained miss is all that a driver shows. */
export function missReply([what = '']: readonly string[]): Backend {
  return failure(`ERR loop replay: no recorded answer: ${what}`);
}

export function helloReply(about: About): Backend {
  const told = (name: string, otherwise: string): Backend => bulk(about.parameters.get(name) ?? otherwise);
  const entries: readonly (readonly [string, Backend])[] = [
    ['server', told('server', 'redis')],
    ['version', bulk(serverVersion(about))],
    ['proto', integer(about.version)],
    ['id', integer(about.id)],
    ['mode', told('mode', about.parameters.get('redis_mode') ?? 'standalone')],
    ['role', told('role', 'master')],
    ['modules', array()],
  ];
  return { kind: 'map', entries: entries.map(([name, value]) => [bulk(name), value]) };
}

/** The reply to what asks the server about itself, when nothing recorded answers it; undefined for what cannot be made up. */
export function madeUp({ name, args }: Question, about: About): Backend | undefined {
  switch (name) {
    case 'CLIENT ID':
      return integer(about.id);
    case 'CLIENT GETNAME':
      return about.name.length === 0 ? NULL : bulk(about.name);
    case 'CLIENT INFO':
    case 'CLIENT LIST':
      return bulk(`id=${about.id} addr=127.0.0.1:1 name=${Buffer.from(about.name).toString()} db=${about.database}\n`);
    case 'COMMAND COUNT':
      return integer(0);
    case 'COMMAND DOCS':
    case 'CONFIG GET':
      return { kind: 'map', entries: [] };
    case 'INFO':
      return bulk(infoText(about));
    case 'ROLE':
      return array(bulk('master'), integer(0), array());
    case 'SCRIPT LOAD':
      return bulk(digestOf(args[2] ?? new Uint8Array(0)));
    case 'SCRIPT EXISTS':
      return array(...args.slice(2).map(() => integer(0)));
    case 'SCRIPT FLUSH':
      return OK;
    default:
      return byGroup(name, wordOf(args[0]));
  }
}

function byGroup(name: string, first: string): Backend | undefined {
  if (first === 'COMMAND') return array();
  if (first === 'CLIENT') return /PAUSE|KILL|UNBLOCK/.test(name) ? OK : failure(`ERR unknown subcommand of '${name}'`);
  if (first === 'MODULE') return array();
  if (first === 'CLUSTER') return failure('ERR This instance has cluster support disabled');
  return name.startsWith('SENTINEL') ? failure(`ERR unknown command '${first}'`) : undefined;
}

function infoText(about: About): string {
  const mode = about.parameters.get('redis_mode') ?? about.parameters.get('mode') ?? 'standalone';
  const lines = [
    '# Server',
    `redis_version:${serverVersion(about)}`,
    `redis_mode:${mode}`,
    '# Persistence',
    'loading:0',
    '# Replication',
    `role:${about.parameters.get('role') ?? 'master'}`,
    '# Cluster',
    `cluster_enabled:${mode === 'cluster' ? 1 : 0}`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function serverVersion({ parameters }: About): string {
  return parameters.get('redis_version') ?? parameters.get('version') ?? SERVER_VERSION;
}
