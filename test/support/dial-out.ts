/**
 * Runs a service that dials literal addresses under the backend named in the first argument, and prints how many
 * packets left through out0 meanwhile. Started by outer-network.c.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { linuxNamespaces } from '../../replay-sandbox/isolate/linux-namespaces/backend.ts';
import { noIsolation } from '../../replay-sandbox/isolate/none/backend.ts';

/** TCP is only begun: without isolation nobody ever answers. */
const SERVICE = `
  import { connect } from 'node:net';
  import { createSocket } from 'node:dgram';
  connect(443, '203.0.113.7').on('error', () => {});
  createSocket('udp4').send('hello', 8125, '203.0.113.8', () => setImmediate(() => process.exit(0)));`;

async function packetsSent(): Promise<number> {
  const line = (await readFile('/proc/net/dev', 'utf8')).split('\n').find((text) => text.trim().startsWith('out0:'));
  return Number(line?.trim().split(/\s+/)[10]);
}

const backend = process.argv[2] === 'none' ? noIsolation : linuxNamespaces();
const project = await mkdtemp(join(tmpdir(), 'loop-test-'));
const sandbox = await backend.open({
  projectDirectory: project,
  homeDirectory: homedir(),
  binds: new Map(),
  hiddenUnixSockets: 'all',
});
const before = await packetsSent();
const service = await sandbox.launch([process.execPath, '--input-type=module', '-e', SERVICE], {
  cwd: project,
  env: {},
  onOutput: (_stream, chunk) => process.stderr.write(chunk),
});
const { code } = await service.exited;
const sent = (await packetsSent()) - before;
await sandbox.close();
await rm(project, { recursive: true });
console.log(JSON.stringify({ backend: sandbox.backend, code, sent, before }));
