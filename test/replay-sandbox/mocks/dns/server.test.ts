import { beforeEach, expect, it } from 'vitest';
import { serveDns } from '../../../../replay-sandbox/mocks/dns/server.ts';
import { AddressBook } from '../../../../replay-sandbox/mocks/names.ts';
import type { Refusal } from '../../../../replay-sandbox/mocks/refusal.ts';
import { makePlaces, openSandbox, runScript, skipWithoutNamespaces } from '../../../support/sandbox.ts';

beforeEach(skipWithoutNamespaces);

/** A query for pricing.shop, A, as it is on the wire. */
const QUERY = '004d01000001000000000000' + '0770726963696e670473686f70000001' + '0001';

async function inSandbox(script: string) {
  const places = await makePlaces();
  const sandbox = await openSandbox(places);
  const refused: Refusal[] = [];
  await serveDns(sandbox, new AddressBook(['pricing.shop']), (refusal) => refused.push(refusal));
  const service = await runScript(sandbox, places.project, script);
  return { ...(await service.ended), refused, dns: sandbox.dnsAddress };
}

it('the service’s own resolver finds recorded names, short and long, and no others', async () => {
  const { stdout, refused } = await inSandbox(`
    import { lookup } from 'node:dns/promises';
    for (const name of ['pricing.shop', 'pricing', 'pricing.shop.svc.cluster.local', 'example.com'])
      console.log(await lookup(name).then(({ address }) => address, (error) => error.code));`);
  expect(stdout).toBe('198.18.0.1\n198.18.0.1\n198.18.0.1\nENOTFOUND\n');
  expect(refused).toContainEqual({ kind: 'dns', target: 'example.com', reason: 'this name was not recorded' });
});

it('over TCP: queries in pieces, several on one connection, and garbage ends it', async () => {
  const { stdout } = await inSandbox(`
    import { readFileSync } from 'node:fs';
    import { connect } from 'node:net';
    const [, server] = /nameserver (\\S+)/.exec(readFileSync('/etc/resolv.conf', 'utf8'));
    const query = Buffer.from('${QUERY}', 'hex');
    const framed = Buffer.concat([Buffer.from([0, query.length]), query]);
    const socket = connect(53, server);
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const size = 2 + received.readUInt16BE(0);
      if (received.length === 2 * size) socket.write(Buffer.from([0, 3, 1, 2, 3]));
    });
    socket.on('close', () => console.log(received.length / (2 + received.readUInt16BE(0)), received.subarray(-4).join('.')));
    socket.write(framed.subarray(0, 1), () => socket.write(framed.subarray(1, 9), () => socket.write(Buffer.concat([framed.subarray(9), framed]))));`);
  expect(stdout).toBe('2 198.18.0.1\n');
});
