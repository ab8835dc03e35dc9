import { describe, expect, it } from 'vitest';
import { Settings } from '../../../../../replay-sandbox/mocks/postgres/language/settings.ts';
import { decodeBackend, type TransactionStatus } from '../../../../../src/wire/postgres/backend.ts';
import { messageFrame } from '../../../../../src/wire/postgres/framing.ts';

function settings(told: Readonly<Record<string, string>> = { TimeZone: 'UTC', server_version: '18.0' }) {
  const held = new Settings();
  held.begin(new Map(Object.entries(told)));
  /** What is reported behind these statements. */
  const after = (statements: readonly string[], status: TransactionStatus = 'I', failed = false): string[] => {
    for (const sql of statements) held.notice(sql);
    return held.report(status, failed).map((bytes) => {
      const message = decodeBackend(messageFrame(bytes));
      return message?.kind === 'parameter-status' ? `${message.name}=${message.value}` : '?';
    });
  };
  return { held, after };
}

describe('a parameter is reported', () => {
  it('when it has another value than the client knows of', () => {
    const { after } = settings();
    expect(after(["SET timezone = 'utc'"])).toEqual([]);
    expect(after(["SET timezone = 'Asia/Tokyo'"])).toEqual(['TimeZone=Asia/Tokyo']);
    expect(after(["SET timezone = 'Asia/Tokyo'"])).toEqual([]);
    expect(after(['DISCARD ALL'])).toEqual(['TimeZone=UTC']);
  });

  it('by name only where the server told it at start-up, but for those that all servers tell', () => {
    const { after } = settings();
    expect(after(['SET search_path = a', 'SET work_mem = 1', 'SET application_name = x'])).toEqual([
      'application_name=x',
    ]);
    expect(settings({ search_path: 'b' }).after(['SET search_path = a'])).toEqual(['search_path=a']);
  });

  it('as the recorded server did', () => {
    const { held, after } = settings();
    held.notice("SET timezone = 'posixrules'", [['TimeZone', 'Known/Elsewhere']]);
    expect(after([])).toEqual(['TimeZone=Known/Elsewhere']);
  });
});

describe('what is taken back', () => {
  it('ends with its transaction', () => {
    const { after } = settings();
    expect(after(['BEGIN', 'SET LOCAL timezone = cet'], 'T')).toEqual(['TimeZone=CET']);
    expect(after(['COMMIT'])).toEqual(['TimeZone=UTC']);
    expect(after(['BEGIN', 'SET timezone = cet'], 'T')).toEqual(['TimeZone=CET']);
    expect(after(['ROLLBACK'])).toEqual(['TimeZone=UTC']);
    expect(after(['BEGIN', 'SET timezone = cet', 'COMMIT'])).toEqual(['TimeZone=CET']);
  });

  it('goes back to the savepoint', () => {
    const { after } = settings();
    expect(after(['BEGIN', 'SET application_name = a', 'SAVEPOINT s', 'SET application_name = b'], 'T')).toEqual([
      'application_name=b',
    ]);
    expect(after([], 'E', true)).toEqual(['application_name=a']);
    expect(after(['ROLLBACK TO s', 'RELEASE s', 'COMMIT'])).toEqual([]);
  });

  it('fails with the statements it stands among', () => {
    const { after } = settings();
    expect(after(['SET timezone = cet'], 'I', true)).toEqual([]);
  });
});
