import { gzipSync } from 'node:zlib';
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import type { Recording } from '../../../replay-sandbox/plan/plan.ts';
import { remint } from '../../../replay-sandbox/remint/remint.ts';
import { bodyOf, header, type Exchange } from '../../../src/domain/exchange.ts';
import { createDisguise } from '../../../src/keeping/disguise/disguise.ts';
import { newDataKey, redactionKey } from '../../../src/seal/keys.ts';
import { exchange, message, T0, transaction, vantage } from '../../support/transaction.ts';

const { redact } = createDisguise(redactionKey(newDataKey()));
const NOW = T0 + 30 * 86_400_000;

async function issued(alg: string): Promise<{ readonly token: string; readonly keys: string }> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const token = await new SignJWT({ sub: 'ann@example.org', scope: 'carts' })
    .setProtectedHeader({ alg, kid: 'k1' })
    .setIssuedAt(T0 / 1000)
    .setExpirationTime(T0 / 1000 + 3600)
    .setIssuer('https://login.example')
    .sign(privateKey);
  return { token, keys: JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg, use: 'sig' }] }) };
}

/** A trigger with the token, and the key set that was fetched, as they are stored without originals. */
function recordingOf(token: string, keys: string | undefined, encoding?: 'gzip'): Recording {
  const authorization = redact.header({ name: 'authorization', value: `Bearer ${token}` }).value;
  const trigger = exchange(1, {
    request: message(
      { ':method': 'GET', ':path': '/', authorization },
      JSON.stringify({ refresh: redact.text(token) }),
    ),
  });
  const body = encoding === undefined ? (keys ?? '') : gzipSync(keys ?? '');
  const fetched = exchange(2, {
    vantage: vantage('shop', 'outbound'),
    response: message(
      { ':status': '200', 'content-type': 'application/json', ...(encoding && { 'content-encoding': encoding }) },
      body,
    ),
  });
  return {
    transaction: transaction({ exchanges: keys === undefined ? [trigger] : [trigger, fetched] }),
    ambient: [],
    exemplars: [],
  };
}

function exchangesOf(recording: Recording): readonly [Exchange, Exchange] {
  const [trigger, fetched] = recording.transaction.exchanges;
  if (trigger?.request === undefined || fetched?.response === undefined) throw new Error('two exchanges');
  return [trigger, fetched];
}

describe.each(['RS256', 'PS384', 'ES256', 'ES512', 'EdDSA'])('a token of %s', (alg) => {
  it.each([undefined, 'gzip' as const])(
    'verifies against the key set of the sandbox, %s, and is as old as it was',
    async (encoding) => {
      const { token, keys } = await issued(alg);
      const { recording, said } = remint(recordingOf(token, keys, encoding), NOW);
      const [trigger, fetched] = exchangesOf(recording);
      const set = JSON.parse(Buffer.from(fetched.response ? bodyOf(fetched.response) : []).toString()) as Parameters<
        typeof createLocalJWKSet
      >[0];
      expect(set.keys.map(({ kid, alg: named, use }) => [kid, named, use])).toEqual([['k1', alg, 'sig']]);
      const sent = header(trigger.request?.headers ?? [], 'authorization')?.replace('Bearer ', '') ?? '';
      const { payload } = await jwtVerify(sent, createLocalJWKSet(set), {
        currentDate: new Date(NOW),
        issuer: 'https://login.example',
      });
      expect(payload).toMatchObject({ sub: redact.text('ann@example.org'), scope: 'carts', exp: NOW / 1000 + 3600 });
      const { refresh } = JSON.parse(Buffer.from(trigger.request ? bodyOf(trigger.request) : []).toString()) as {
        readonly refresh: string;
      };
      await jwtVerify(refresh, createLocalJWKSet(set), { currentDate: new Date(NOW) });
      expect(said).toBe('2 tokens are signed by the sandbox');
      await expect(
        jwtVerify(sent, createLocalJWKSet(JSON.parse(keys)), { currentDate: new Date(NOW) }),
      ).rejects.toThrow('signature verification failed');
    },
  );
});

it('leaves a token that a shared secret signed, and says so', async () => {
  const token = await new SignJWT({ sub: '1' }).setProtectedHeader({ alg: 'HS256' }).sign(new Uint8Array(32));
  const before = recordingOf(token, undefined);
  const { recording, said } = remint(before, NOW);
  expect(recording).toEqual(before);
  expect(said).toBe('0 tokens are signed by the sandbox; 2 have no recorded public key and cannot be');
});

it('leaves what is no token of a redaction, and what is no key set', () => {
  const foreign = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlc2lnbmF0dXJlc2ln';
  const recording = {
    transaction: transaction({
      exchanges: [
        exchange(1, {
          request: message({ authorization: foreign }, '{"keys":[1]}'),
          response: message({}, '{"keys":[1]}'),
        }),
      ],
    }),
    ambient: [],
    exemplars: [],
  };
  expect(remint(recording, NOW)).toEqual({ recording });
});
