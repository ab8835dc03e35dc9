/** What a service under replay reaches, seen from the service, from the report, and from a packet counter outside. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ReplayReport } from '../../replay-sandbox/report/report.ts';
import { start } from '../support/cli.ts';
import { outerNetwork, packetsSent } from '../support/outer-network.ts';
import type { TestProject } from '../support/project.ts';
import { makeProject, nodeService, replayIn, SERVICE } from '../support/project.ts';
import { writeRecording } from '../support/recording.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';

beforeEach(skipWithoutNamespaces);

/** `patience`: where nobody answers, ms. In the sandbox somebody always does, however busy the machine is. */
const dials = (patience: number): string => `
  const dial = (options) => new Promise((resolve) => {
    const socket = connect({ ...options, timeout: ${patience} });
    socket.on('close', () => resolve('closed')).on('timeout', () => resolve('timeout')).on('error', (error) => resolve(error.code));
  });
  const served = await fetch('http://stock.test:8000/', { signal: AbortSignal.timeout(${patience}) }).then((answer) => answer.text(), () => 'not served');
  const { socket } = JSON.parse(text);
  answer(500, [
    served,
    await dial({ host: 'unknown.test', port: 80 }),
    await dial({ host: '203.0.113.7', port: 443 }),
    await dial({ host: '203.0.113.7', port: 8000 }),
    await dial({ host: 'stock.test', port: 8443 }),
    await dial({ path: socket }),
  ]);`;

const SEEN = ['served', 'ENOTFOUND', 'ECONNREFUSED', 'ECONNRESET', 'ECONNREFUSED', 'ECONNREFUSED'];

const REASONS: Readonly<Record<string, string>> = {
  'dns unknown.test': 'this name was not recorded',
  'tcp 203.0.113.7:443': 'this address was not recorded',
  // The port is a recorded one, so the connection stands until the mocks see whom it was meant for, and reset it.
  'tcp 203.0.113.7:8000': 'this address was not recorded',
  'tcp stock.test:8443': 'stock.test was not called on port 8443 in the recording',
};

async function dialler(patience: number): Promise<{ readonly project: TestProject; readonly socket: string }> {
  const project = makeProject(nodeService(dials(patience), `import { connect } from 'node:net';`));
  const socket = join(project.root, 'host.sock');
  const host = createServer((connection) => connection.end('the host')).listen(socket);
  await once(host, 'listening');
  onTestFinished(() => void host.close());
  return { project, socket };
}

function recording(socket: string) {
  return {
    service: SERVICE,
    trigger: {
      method: 'POST',
      body: JSON.stringify({ socket }),
      answer: { status: 500, body: JSON.stringify(SEEN) },
    },
    calls: [{ authority: 'stock.test:8000', answer: { status: 200, body: 'served' } }],
  };
}

function refusals({ refused }: ReplayReport): Readonly<Record<string, string>> {
  return Object.fromEntries(refused.map(({ kind, target, reason }) => [`${kind} ${target}`, reason]));
}

describe('a recorded name, an unknown one, literal addresses, another port and a socket of the host', () => {
  it('the first is served; the others are refused and reported; no packet leaves', async () => {
    const { project, socket } = await dialler(20_000);
    const under = await outerNetwork(project.root);
    const { code, stderr, report } = await replayIn(project, recording(socket), [], { under });
    expect(JSON.parse(report.replayed.body ?? '')).toEqual(SEEN);
    expect(refusals(report)).toEqual({
      ...REASONS,
      [`unix ${socket}`]: "this machine's own sockets are out of reach in the sandbox",
    });
    expect([report.outcome, code]).toEqual(['reproduced', 0]);
    expect(packetsSent(stderr)).toBe(0);
  });

  it('without isolation the same counter sees them leave', async () => {
    const { project, socket } = await dialler(1000);
    const under = await outerNetwork(project.root);
    const script = fileURLToPath(new URL('../support/replay-open.ts', import.meta.url));
    const file = await writeRecording(project.root, recording(socket));
    const { stdout, stderr } = await start(script, [file, project.directory], { under }).ended;
    expect(JSON.parse(stdout)).toMatchObject({ isolation: { backend: 'none' } });
    expect(packetsSent(stderr)).toBeGreaterThan(0);
  });
});
