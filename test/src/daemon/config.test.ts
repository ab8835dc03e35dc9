import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/daemon/config.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const data = '/data';

function written(text: string): string {
  const file = join(temporaryDirectory(), 'loopd.yaml');
  writeFileSync(file, text);
  return file;
}

describe('the configuration', () => {
  it('needs nothing but a data directory', () => {
    expect(readConfig(undefined, { data })).toMatchObject({
      data,
      sink: { host: '127.0.0.1', port: 5678 },
      api: { host: '127.0.0.1', port: 5679, hosts: [] },
      recorder: { ringBytes: 64 * 1024 * 1024, settleMs: 1000 },
      loopsPerHour: 20,
      retentionDays: 7,
    });
  });

  it('of a file, what it leaves out is the default; an empty one is all defaults', () => {
    expect(readConfig(written('sink: { port: 0, socket: "" }\n'), { data })).toMatchObject({
      sink: { host: '127.0.0.1', port: 0, socket: '' },
      api: { port: 5679 },
    });
    expect(readConfig(written('# nothing\n'), { data })).toEqual(readConfig(undefined, { data }));
  });

  it('is overruled by the command line', () => {
    expect(readConfig(written('data: /elsewhere\n'), { data }).data).toBe(data);
  });

  it.each([
    ['prot: 1', /: top level: Unrecognized key: "prot"\.$/],
    ['sink: { port: 70000 }', /: sink\.port: /],
    ['sink: { port: "5678" }', /: sink\.port: /],
    ['sink: { shards: false }\nrecorder: { workers: 2 }', /: sink\.shards: false leaves 1 of 2 workers without/],
    ['sink: { shardPort: 65521 }', /: sink\.shardPort: the last of 16 ports would be 65536/],
    ['sink: { port: 5678, shardPort: 5670 }', /: sink\.shardPort: sink\.port 5678 is one of the ports 5670 to 5685/],
    ['api: { port: 5715 }\nsink: { shardPort: 5700 }', /: sink\.shardPort: api\.port 5715 is one/],
    ['recorder: { ringBytes: 5 }', /: recorder\.ringBytes: /],
    ['recorder: { ringBytes: 17179869185 }', /: recorder\.ringBytes: /],
    ['retentionDays: -1', /: retentionDays: /],
    ['users: { ids: [sub] }', /: users\.ids\.0: "sub" names no place: write one of jwt, header, .+ such as jwt:sub\.$/],
    [
      'users: { sessions: ["query:sid"] }',
      /: users\.sessions\.0: "query:sid" names no place: .+ such as cookie:sid\.$/,
    ],
    ['users: { ids: [] }', /: users\.ids: /],
    ['captures: { perPerson: 0 }', /: captures\.perPerson: /],
    ['sink: {', / is no valid YAML: /],
    ['hello', / has no keys\.$/],
    ['api: &a { port: 1 }\nsink: *a', / has an alias \(\*name\)\.$/],
    ['api: { port: 1 }\napi: { port: 2 }', / is no valid YAML: Map keys must be unique/],
  ])('%j is refused, naming line or key', (text, message) => {
    expect(() => readConfig(written(text), { data })).toThrow(
      expect.objectContaining({
        code: 'bad-config',
        message: expect.stringMatching(message) as string,
        hint: expect.any(String) as string,
      }),
    );
  });

  it('that is not there is refused', () => {
    expect(() => readConfig('/nowhere/loopd.yaml', { data })).toThrow(
      expect.objectContaining({
        code: 'bad-config',
        message: expect.stringContaining('/nowhere/loopd.yaml cannot be read') as string,
      }),
    );
  });
});
