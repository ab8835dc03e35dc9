import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { startHistory } from '../../../src/history/client.ts';
import type { HistoryError } from '../../../src/history/error.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const BYTES = 4 * 1024 * 1024;

function handlers() {
  const failure = Promise.withResolvers<HistoryError>();
  return { failure: failure.promise, onPart: () => undefined, onStats: () => undefined, onFailure: failure.resolve };
}

it('a place where no file can be is an error that says so', async () => {
  const file = join(temporaryDirectory(), 'missing', 'history');
  await expect(startHistory({ file, bytes: BYTES }, handlers())).rejects.toMatchObject({
    code: 'no-file',
    message: expect.stringContaining('ENOENT'),
    hint: expect.stringContaining('recorder.history'),
  });
});

it('what another run left there is replaced; when the recorder leaves, the file goes', async () => {
  const directory = temporaryDirectory();
  const file = join(directory, 'history');
  writeFileSync(file, 'left over');
  const history = await startHistory({ file, bytes: BYTES }, handlers());
  expect(readdirSync(directory)).toEqual(['history']);
  history.recorders[0]?.close();
  await history.stopped();
  expect(readdirSync(directory)).toEqual([]);
});

it('a thread that dies tells it once, and its recorder hears that nobody answers any more', async () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'thread'));
  const entry = join(directory, 'thread', 'dying.mjs');
  writeFileSync(
    entry,
    `import { parentPort, workerData } from 'node:worker_threads';
parentPort.postMessage({ kind: 'ready' });
workerData.recorders[0].on('message', () => { throw new Error('the disk is on fire'); });`,
  );
  const heard = handlers();
  const history = await startHistory({ file: join(directory, 'history'), bytes: BYTES }, heard, pathToFileURL(entry));
  const closed = new Promise((resolve) => history.recorders[0]?.once('close', resolve));
  history.recorders[0]?.postMessage('anything');
  expect(await heard.failure).toMatchObject({
    code: 'thread-failed',
    message: 'The history thread failed: the disk is on fire',
  });
  await closed;
  await history.stopped();
});
