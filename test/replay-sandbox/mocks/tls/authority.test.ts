import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Authority } from '../../../../replay-sandbox/mocks/tls/authority.ts';
import { createAuthority } from '../../../../replay-sandbox/mocks/tls/authority.ts';

const NOW = Date.now();

/** The names in the certificate a client sees, or why it does not trust it. */
async function handshake(authority: Authority, name: string, trusted: string): Promise<string> {
  const server = createServer({
    SNICallback: (_name, done) => void authority.contextFor(name).then((context) => done(null, context), done),
  });
  server.on('tlsClientError', () => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const socket: TLSSocket = connect({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    servername: name,
    ca: trusted,
  });
  onTestFinished(() => void socket.destroy());
  return new Promise((resolve) => {
    socket.on('secureConnect', () => resolve(socket.getPeerCertificate().subjectaltname ?? ''));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

describe('the authority of a replay', () => {
  it('makes certificates that whoever trusts it trusts', async () => {
    const authority = await createAuthority(NOW);
    expect(await handshake(authority, 'api.example.test', authority.certificate)).toBe('DNS:api.example.test');
  });

  it('and nobody else', async () => {
    const [authority, other] = await Promise.all([createAuthority(NOW), createAuthority(NOW)]);
    expect(await handshake(authority, 'api.example.test', other.certificate)).toMatch(/SELF_SIGNED_CERT|UNABLE_TO/);
  });

  it('holds at the recorded time and now, with a positive serial', async () => {
    const recorded = Date.UTC(2024, 0, 1);
    const now = Date.UTC(2038, 0, 1);
    const { certificate } = await createAuthority(recorded, now);
    const root = new X509Certificate(certificate);
    expect(root.ca).toBe(true);
    for (const at of [recorded, recorded + 4 * 365 * 86_400_000, now]) {
      expect(Date.parse(root.validFrom)).toBeLessThan(at);
      expect(Date.parse(root.validTo)).toBeGreaterThan(at);
    }
    expect(root.serialNumber).toMatch(/^[1-7]/);
  });

  it('holds for a service that is shown the first minute of 1970, or the last year that can be shown', async () => {
    for (const at of [30_000, 8 * 2 ** 30 * 1000]) {
      const { certificate } = await createAuthority(at, NOW);
      const { validFrom, validTo } = new X509Certificate(certificate);
      expect(Date.parse(validFrom)).toBeLessThanOrEqual(at);
      expect(Date.parse(validTo)).toBeGreaterThan(at);
    }
  });

  it('makes one context per name', async () => {
    const authority = await createAuthority(NOW);
    expect(await authority.contextFor('a')).toBe(await authority.contextFor('a'));
    expect(await authority.contextFor('b')).not.toBe(await authority.contextFor('a'));
  });

  it('of an address, too, and of very long or odd names', async () => {
    const authority = await createAuthority(NOW);
    for (const name of ['10.0.0.7', '2001:db8::1', `${'a'.repeat(60)}.${'b'.repeat(60)}.test`, 'under_score', '*']) {
      await expect(authority.contextFor(name)).resolves.toBeDefined();
    }
  });
});
