import { describe, expect, it } from 'vitest';
import { differences, protocolsIn, unseen } from '../../../scripts/check/protocols.ts';

const tree =
  (folders: Readonly<Record<string, readonly string[]>>) =>
  (folder: string): readonly string[] =>
    folders[folder] ?? [];

const ALIKE = {
  'src/wire/redis': ['framing.ts', 'session.ts'],
  'src/wire/postgres': ['session.ts', 'framing.ts'],
  'replay-sandbox/match/redis': ['matcher.ts'],
  'replay-sandbox/match/postgres': ['matcher.ts'],
};

describe('the folders of protocols', () => {
  it('are those that the registry imports', () => {
    const registry = `import { postgres } from './postgres/protocol.ts';
import type { ConversationProtocol } from './protocol.ts';
import { redis } from './redis/protocol.ts';`;
    expect(protocolsIn(registry)).toEqual(['postgres', 'redis']);
  });

  it('are in order when each layer has the same files for each', () => {
    expect(differences(['postgres', 'redis'], tree(ALIKE))).toEqual([]);
  });

  it('tell a file that one has and another has not', () => {
    const folders = { ...ALIKE, 'src/wire/postgres': ['framing.ts', 'session.ts', 'prepared.ts'] };
    expect(differences(['postgres', 'redis'], tree(folders))).toEqual([
      'src/wire: postgres has prepared.ts, redis has not',
    ]);
  });

  it('tell a protocol that a layer does not have at all', () => {
    expect(differences(['postgres', 'redis', 'mysql'], tree(ALIKE))).toEqual([
      'src/wire: postgres, redis has framing.ts, mysql has not',
      'src/wire: postgres, redis has session.ts, mysql has not',
      'replay-sandbox/match: postgres, redis has matcher.ts, mysql has not',
    ]);
  });

  it('are not alike because none is seen', () => {
    expect(unseen(['redis'], tree(ALIKE))).toEqual([
      'src/wire/protocols.ts: 1 protocols found, at least two are there',
    ]);
    expect(unseen(['postgres', 'redis'], tree(ALIKE))).toEqual([
      'src/keeping/disguise: no protocol has a file here',
      'replay-sandbox/mocks: no protocol has a file here',
    ]);
  });
});
