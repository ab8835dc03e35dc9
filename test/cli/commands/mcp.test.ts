import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { expect, it, onTestFinished } from 'vitest';
import { LOOPCTL, start } from '../../support/cli.ts';
import { writeRecording } from '../../support/recording.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const RECORDING = {
  service: 'orders',
  trigger: { method: 'POST', path: '/orders', body: '{"password":"hunter2"}', answer: { status: 500 } },
};

it(
  'answers an editor over standard input and output, from the store of this machine',
  { timeout: 60_000 },
  async () => {
    const data = join(temporaryDirectory(), 'data');
    const file = await writeRecording(temporaryDirectory(), RECORDING);
    expect((await start(LOOPCTL, ['import', file], { data }).ended).code).toBe(0);

    const client = new Client({ name: 'test', version: '1' });
    const args = ['--disable-warning=ExperimentalWarning', LOOPCTL, '--data', data, 'mcp'];
    await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: 'pipe' }));
    onTestFinished(() => client.close());
    const call = async (name: string, asked: Readonly<Record<string, unknown>>): Promise<string> =>
      JSON.stringify((await client.callTool({ name, arguments: asked })).content);

    const listed = await call('list_failures', {});
    expect(listed).toContain('1 failures, newest first.');
    const id = /\\"id\\":\\"([0-9a-z]{12})/.exec(listed)?.[1] ?? '';
    const shown = await call('show_loop', { loop: id });
    const exchange = /([0-9a-f]{16}\.\d+)/.exec(shown)?.[1] ?? '';
    const body = await call('show_loop', { loop: id, exchange });
    expect(body).toContain('REDACTED(');
    expect(body).not.toContain('hunter2');
    expect(await call('compare_loops', { loop: id })).toContain('Refused: not-found');
    expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('original_body');
  },
);
