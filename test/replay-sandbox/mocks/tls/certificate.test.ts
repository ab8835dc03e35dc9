import { execFile } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { createAuthority } from '../../../../replay-sandbox/mocks/tls/authority.ts';
import { isNamed, makeCertificate } from '../../../../replay-sandbox/mocks/tls/certificate.ts';

const NOW = Date.UTC(2026, 5, 1, 12, 30, 15);
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });

function named(...names: string[]): X509Certificate {
  const validity = { notBefore: new Date(NOW), notAfter: new Date(Date.UTC(2050, 0, 1)) };
  const { publicKey, privateKey: signingKey } = keys;
  const extensions = [isNamed(names)];
  return new X509Certificate(
    makeCertificate({ subject: 'one', issuer: 'two', validity, publicKey, signingKey, extensions }),
  );
}

it('a certificate says who, by whom and until when, in both ways to write a year', () => {
  const certificate = named('a.test');
  expect(certificate.subject).toBe('CN=one');
  expect(certificate.issuer).toBe('CN=two');
  expect(certificate.validFrom).toBe('Jun  1 12:30:15 2026 GMT');
  expect(certificate.validTo).toBe('Jan  1 00:00:00 2050 GMT');
  expect(certificate.publicKey.equals(keys.publicKey)).toBe(true);
  expect(certificate.verify(keys.publicKey)).toBe(true);
});

it.each([
  ['10.0.0.7', '10.0.0.7'],
  ['2001:db8::1', '2001:db8::1'],
  ['::1', '::1'],
  ['fe80::', 'fe80::'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::ffff:10.0.0.7', '::ffff:10.0.0.7'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
])('addresses: %s', (name, asked) => {
  const certificate = named('a.test', name);
  expect(certificate.checkIP(asked)).toBeDefined();
  expect(certificate.checkHost('a.test')).toBe('a.test');
  expect(certificate.checkIP('10.9.9.9')).toBeUndefined();
});

it('many names make lengths of two and of three bytes', () => {
  for (const count of [3, 30, 300]) {
    const names = Array.from({ length: count }, (_, index) => `service-${index}.example.test`);
    expect(named(...names).checkHost(names.at(-1) ?? '')).toBe(names.at(-1));
  }
});

it('the authority of a replay has signed what it gives to the service', async () => {
  const { certificate, client } = await createAuthority(NOW);
  const root = new X509Certificate(certificate);
  const leaf = new X509Certificate(client.certificate);
  expect(leaf.checkIssued(root)).toBe(true);
  expect(leaf.verify(root.publicKey)).toBe(true);
  expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(leaf.ca).toBe(false);
  // It takes the pair, or throws.
  createServer({ key: client.key, cert: client.certificate, ca: certificate }).close();
});

it('Python, told to read certificates to the letter, takes what a mock shows it', async () => {
  const authority = await createAuthority(Date.now());
  const server = createServer({
    SNICallback: (name, done) => void authority.contextFor(name).then((context) => done(null, context), done),
  });
  server.on('secureConnection', (socket) => socket.end('trusted'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const program = `
import socket, ssl, sys
context = ssl.create_default_context(cadata=sys.argv[2])
context.verify_flags |= ssl.VERIFY_X509_STRICT
with context.wrap_socket(socket.create_connection(('127.0.0.1', int(sys.argv[1]))), server_hostname='api.example.test') as peer:
    print(peer.recv(100).decode())`;
  const { stdout } = await promisify(execFile)('python3', ['-c', program, String(port), authority.certificate]);
  expect(stdout.trim()).toBe('trusted');
});
