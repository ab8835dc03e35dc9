/** 200 secrets in every place a secret can be in: what may be read holds none of them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assemble } from '../../src/assembly/transaction.ts';
import type { LoopApi } from '../../src/api/port.ts';
import { createHandlers } from '../../src/api/handlers.ts';
import { openAudit } from '../../src/daemon/audit.ts';
import { openDataDirectory } from '../../src/daemon/data-directory.ts';
import { Keeper } from '../../src/daemon/keeper.ts';
import { bodyOf } from '../../src/domain/exchange.ts';
import type { LoopId } from '../../src/domain/ids.ts';
import { derive, present } from '../../src/keeping/derive.ts';
import { newDataKey } from '../../src/seal/keys.ts';
import { loadOrCreateStoreKey } from '../../src/seal/keyfile.ts';
import { wrapKey } from '../../src/seal/envelope.ts';
import type { Redactor } from '../../src/seal/redact.ts';
import { KeepBudget } from '../../src/verdict/budget.ts';
import { decodePart, type PartContent } from '../../src/wire/segments/part.ts';
import { encodeSegments } from '../../src/wire/segments/record.ts';
import { decodeLoopFile } from '../../storage/format/decode.ts';
import { openLocalStore } from '../../storage/local.ts';
import type { LoopStore } from '../../storage/port.ts';
import { ADMIN, served } from '../support/api.ts';
import { loopctl } from '../support/cli.ts';
import { filesBelow, findLeaks } from '../support/leaks.ts';
import { PLANTED, plantedSegments } from '../support/planted-secrets.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { RECORDER, T0, transactionKey } from '../support/transaction.ts';

const PART = {
  transaction: transactionKey(),
  aliases: [],
  purpose: 'failure' as const,
  subject: '',
  recorder: RECORDER,
  overwritten: 0,
  records: encodeSegments(plantedSegments()),
};

const clock = { now: () => T0 };

/** Redaction off. */
const NOTHING: Redactor = {
  header: (header) => header,
  text: (text) => text,
  json: (text) => text,
  form: (text) => text,
  sql: (text) => text,
  parameter: (_, value) => value,
  key: (key) => key,
  stored: (_key, _field, value) => value,
  value: (_, value) => value,
};

/** Records, and bodies in one piece: what lies across two records is no less readable. */
function originalsIn(parts: readonly PartContent[]): readonly Uint8Array[] {
  const { exchanges } = assemble(transactionKey(), parts);
  return [
    ...parts.map(({ records }) => records),
    ...exchanges.flatMap(({ request, response }) =>
      [request, response].flatMap((message) => (message ? [bodyOf(message)] : [])),
    ),
  ];
}

/** Looks into every body. */
const RULES = `- name: all
  match: { body: { path: $..*, exists: true } }
  then: failure
`;

interface Home {
  readonly data: string;
  readonly store: LoopStore;
  readonly api: LoopApi;
  readonly id: LoopId;
  readonly log: readonly string[];
}

async function keptWith(originals: 'sealed' | 'none'): Promise<Home> {
  const data = mkdtempSync(join(tmpdir(), 'loop-secrets-'));
  const files = await openDataDirectory(data);
  const key = await loadOrCreateStoreKey(files.keyFile);
  const store = await openLocalStore(files.store, { clock });
  const log: string[] = [];
  const keeper = new Keeper({
    store,
    key,
    budget: new KeepBudget(10, clock),
    originals,
    backlogBytes: 1 << 28,
    wait: async () => undefined,
    log: { kept: (id) => log.push(id), failed: (message, hint) => log.push(`${message} ${hint}`) },
  });
  keeper.take(PART);
  await keeper.stop();
  const audit = await openAudit(files, key, clock);
  const api = createHandlers({ store, key, audit, createdBy: 'loop test', originals })(ADMIN);
  return { data, store, api, id: log[0] as LoopId, log };
}

describe('the controls', () => {
  const recorded = {
    id: '0123456789ab' as LoopId,
    purpose: 'failure' as const,
    subject: '',
    transaction: PART.transaction,
    parts: [PART],
  };

  it('there are 200, and all are in the records', () => {
    expect(new Set(PLANTED).size).toBe(200);
    expect(findLeaks(originalsIn([PART]), PLANTED)).toHaveLength(200);
  });

  it('with redaction off all are found on the disk', async () => {
    const data = temporaryDirectory();
    const store = await openLocalStore(data, { clock });
    const { summary, view } = present(recorded, derive(recorded), NOTHING);
    const key = await loadOrCreateStoreKey(join(data, 'k', 'key'));
    await store.save({
      summary,
      view,
      subject: '',
      companions: [],
      wrappedKey: wrapKey(newDataKey(), key, summary.id),
      parts: [],
    });
    expect(findLeaks(filesBelow(data), PLANTED)).toHaveLength(200);
    await store.close();
  });
});

describe.each(['sealed', 'none'] as const)('with originals: %s', (originals) => {
  let home: Home;
  beforeAll(async () => {
    home = await keptWith(originals);
  });
  afterAll(() => rmSync(home.data, { recursive: true, force: true }));

  it('none is readable on the disk, in its logs, or in what the API and loopctl say', async () => {
    const { data, store, api, id, log } = home;
    expect(log).toEqual([id]);
    const leaks = (texts: readonly (string | Uint8Array)[]) => findLeaks(texts, PLANTED);
    // While it is open there is a write-ahead log.
    expect(leaks(filesBelow(data))).toEqual([]);
    const { client, url } = await served(api);
    const shown = await client.show(id);
    const tried = await client.testRedaction(id, { names: ['field_0'] });
    const answers = [
      shown.view,
      JSON.stringify([
        shown.summary,
        tried,
        await client.list({ purpose: 'failure', limit: 5 }),
        await client.fingerprints({ limit: 5 }),
        await client.testRules({ rules: RULES }),
      ]),
    ];
    const refused = await fetch(new URL('/v1/loops', url)).then((response) => response.text());
    expect(leaks([...answers, refused, ...log])).toEqual([]);
    expect(leaks([await client.recording(id, { open: false })])).toEqual([]);
    await store.close();
    const words = [
      ['show', id, '--bodies'],
      ['show', id, '-o', 'json'],
      ['list', 'failures', '-o', 'yaml'],
      ['list', 'fingerprints', '-o', 'json'],
      ['list', 'captures', '-o', 'json'],
      ['redaction', 'test', id, '-o', 'json'],
      ['rules', 'test', '-o', 'json'],
      ['export', id, '--format', 'har', '-f', join(data, 'readable.har')],
      ['export', id, '-o', join(data, 'sealed.loop')],
    ];
    for (const said of words) {
      const { code, stdout, stderr } = await loopctl(said, { data });
      expect([code, leaks([stdout, stderr])]).toEqual([0, []]);
    }
    expect(leaks(filesBelow(data))).toEqual([]);
  });

  it('an open export has the originals if they were kept, and every look at them is audited', async () => {
    const { data, id } = home;
    const file = join(data, '..', `open-${originals}-${id}.loop`);
    await loopctl(['export', id, '--open', '-o', file], { data });
    const { seal, parts } = await decodeLoopFile(readFileSync(file));
    expect(seal.kind).toBe('open');
    const read = originalsIn(parts.map(decodePart).filter((part) => part !== undefined));
    expect(findLeaks([readFileSync(file), ...read], PLANTED)).toHaveLength(originals === 'sealed' ? 200 : 0);
    const acts = readFileSync(join(data, 'audit.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly act: string }).act);
    const asked = ['view', 'test-redaction', 'test-rules', 'export'];
    const byLoopctl = ['view', 'view', 'test-redaction', 'test-rules', 'view', 'export'];
    expect(acts).toEqual([...asked, ...byLoopctl, 'open']);
  });
});
