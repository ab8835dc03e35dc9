import { describe, expect, it } from 'vitest';
import { decodePart } from '../../../src/wire/segments/part.ts';
import { decodeLoopFile } from '../../../storage/format/decode.ts';
import { encodeLoopFile } from '../../../storage/format/encode.ts';
import { createHandlers } from '../../../src/api/handlers.ts';
import { parseLoopView } from '../../../src/seal/view-schema.ts';
import { ADMIN, installation } from '../../support/api.ts';
import { recordingOf } from '../../support/recording.ts';
import { fingerprint } from '../../support/transaction.ts';

const RECORDING = {
  service: 'orders',
  trigger: {
    method: 'POST',
    path: '/orders?token=t0ken-0815',
    headers: { authorization: 'Bearer s3cr3t-0815' },
    body: '{"password":"hunter2-0815"}',
    answer: { status: 500, body: '{"mail":"ann@corp.example"}' },
  },
};
const SECRETS = /t0ken-0815|s3cr3t-0815|hunter2-0815|ann@corp/;

/** As somebody would make it who wants to be believed. */
function forged() {
  const file = recordingOf(RECORDING);
  const summary = {
    ...file.summary,
    path: '/t0ken-0815',
    outcome: 'good' as const,
    status: 200,
    fingerprint: fingerprint(1),
    holes: ['<script>hunter2-0815</script>'],
    services: ['ann@corp.example'],
  };
  return { ...file, summary, view: '{"version":1,"secret":"s3cr3t-0815"}' };
}

describe('an imported file', () => {
  it('is described by its records, and redacted here, whatever it says of itself', async () => {
    const { handlers, store } = await installation();
    const honest = recordingOf(RECORDING);
    const said = await handlers.import(await encodeLoopFile(forged()));
    const { summary, view } = await store.get(said.id);
    expect(summary).toEqual(said);
    expect(summary).toMatchObject({ outcome: 'failed', status: 500, services: ['orders'], holes: [], method: 'POST' });
    expect(summary.fingerprint).toBe(honest.summary.fingerprint);
    expect(JSON.stringify(summary) + view).not.toMatch(SECRETS);
    expect(parseLoopView(view)?.exchanges).toHaveLength(1);
  });

  it('comes with companions that are described so too', async () => {
    const { handlers, store } = await installation();
    const companion = {
      ...recordingOf({ ...RECORDING, purpose: 'ambient', number: 2 }),
      view: '{"version":1,"x":"s3cr3t-0815"}',
    };
    await handlers.import(await encodeLoopFile(recordingOf({ ...RECORDING, companions: [companion] })));
    expect((await store.get(companion.summary.id)).view).not.toMatch(SECRETS);
  });

  it('can be taken in again after it was deleted', async () => {
    const { handlers, acts } = await installation();
    const bytes = await encodeLoopFile(recordingOf(RECORDING));
    const { id } = await handlers.import(bytes);
    await handlers.delete(id);
    expect((await handlers.import(bytes)).id).toBe(id);
    expect((await handlers.show(id)).summary.id).toBe(id);
    expect(acts).toEqual([`import ${id}`, `delete ${id}`, `import ${id}`, `view ${id}`]);
  });

  it('keeps no originals where none are kept', async () => {
    const home = await installation();
    const api = createHandlers({
      ...home,
      audit: { record: async () => undefined },
      createdBy: 'loop test',
      originals: 'none',
    })(ADMIN);
    const { id } = await api.import(await encodeLoopFile(recordingOf(RECORDING)));
    const { parts } = await decodeLoopFile(await api.recording(id, { open: true }));
    expect(Buffer.concat(parts).toString('latin1')).not.toMatch(SECRETS);
    expect(parts.map((part) => decodePart(part)?.disguised !== undefined)).toEqual([true]);
    // Exported and taken in elsewhere, its tokens still are what they were.
    const elsewhere = await installation();
    await elsewhere.handlers.import(await api.recording(id, { open: true }));
    const token = /REDACTED\(text\.[0-9a-f]{12}\.16\)/;
    expect(token.exec((await elsewhere.handlers.show(id)).view)?.[0]).toBe(token.exec((await api.show(id)).view)?.[0]);
  });
});
