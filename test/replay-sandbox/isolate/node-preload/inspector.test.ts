import { expect, it } from 'vitest';
import { openInspector } from '../../../../replay-sandbox/isolate/node-preload/inspector.ts';

const LINE = 'Debugger listening on ws://127.0.0.1:43210/0f2c936f\n';

it.each([
  ['in two parts', [LINE.slice(0, 30), LINE.slice(30)]],
  ['behind much else', ['x'.repeat(100_000), `\n${LINE}`]],
  ['in front of much else', [`${LINE}${'x'.repeat(100_000)}`]],
])('finds the port that is said %s, once', (_name, chunks) => {
  const found: (readonly number[])[] = [];
  const heard: string[] = [];
  const options = { cwd: '/', env: {}, onOutput: (_: string, chunk: Buffer) => void heard.push(chunk.toString()) };
  const opened = openInspector(['node', '--inspect-wait=9229', 'a.js'], options, (...ports) => found.push(ports));
  expect(opened.command).toEqual(['node', '--inspect-wait=127.0.0.1:0', 'a.js']);
  for (const chunk of [...chunks, LINE]) opened.options.onOutput('stderr', Buffer.from(chunk));
  expect(found).toEqual([[9229, 43210]]);
  expect(heard).toEqual([...chunks, LINE]);
});
