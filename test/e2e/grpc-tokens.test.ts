// A gRPC recording without originals, hidden by the names of its fields: the service says a secret of its own again, and is understood.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { derive, present } from '../../src/keeping/derive.ts';
import { createDisguise } from '../../src/keeping/disguise/disguise.ts';
import { disguisePart } from '../../src/keeping/disguise/part.ts';
import { newDataKey, redactionKey } from '../../src/seal/keys.ts';
import { createRedactor } from '../../src/seal/redact.ts';
import { encodeGrpcFrame } from '../../src/wire/grpc/framing.ts';
import { schemaOf } from '../../src/wire/protobuf/schema.ts';
import { decodePart, encodePart } from '../../src/wire/segments/part.ts';
import { encodeLoopFile } from '../../storage/format/encode.ts';
import { loopctl } from '../support/cli.ts';
import { compile, SHOP, WELL_KNOWN } from '../support/descriptors.ts';
import { checkedReport, makeProject } from '../support/project.ts';
import type { RecordedCall } from '../support/recording.ts';
import { recordingOf } from '../support/recording.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';

const shop = compile(WELL_KNOWN, SHOP);
const order = (value: Readonly<Record<string, unknown>>) => shop.encode('shop.Order', value);
/** No name but its field's tells that it is secret. */
const SECRET = 'opensesame';
const ASKED = order({ sku: 'MUG', login: { user: 'orders', password: SECRET } });

const GRPC_JS = fileURLToPath(import.meta.resolve('@grpc/grpc-js'));
const FILES = {
  'loop.yaml': 'version: 1\nservices:\n  orders: { command: [node, server.mjs], port: 8080 }\n',
  'server.mjs': `
import grpc from '${GRPC_JS}';

const same = (bytes) => bytes;
const pricing = new grpc.Client('pricing.test:50051', grpc.credentials.createInsecure());
const server = new grpc.Server();
server.register('/shop.Pricing/Quote', (call, reply) => {
  const asked = Buffer.from('${Buffer.from(ASKED).toString('base64')}', 'base64');
  pricing.makeUnaryRequest('/shop.Pricing/Quote', same, same, asked, (error, answer) => {
    if (error) reply({ code: error.code, details: error.details });
    else reply(null, answer);
  });
}, same, same, 'unary');
server.bindAsync('127.0.0.1:' + process.env.PORT, grpc.ServerCredentials.createInsecure(), () => undefined);
`,
};

function call(asked: Uint8Array, answered: Uint8Array, more: Partial<RecordedCall> = {}): RecordedCall {
  const headers = { 'content-type': 'application/grpc' };
  const framed = (bytes: Uint8Array) => encodeGrpcFrame({ compressed: false, bytes });
  return {
    method: 'POST',
    path: '/shop.Pricing/Quote',
    protocol: 'HTTP/2',
    headers: { ...headers, te: 'trailers' },
    body: framed(asked),
    answer: { status: 200, headers, body: framed(answered), trailers: { 'grpc-status': '0' } },
    ...more,
  };
}

it('a message the service makes again, secret and all, is the recorded one', async (context) => {
  await skipWithoutNamespaces(context);
  const priced = shop.encode('shop.Priced', { sku: 'MUG', price: 4.5 });
  const whole = recordingOf({
    service: 'orders',
    trigger: call(order({ sku: 'MUG', card_number: 'no card by looks' }), priced),
    calls: [call(ASKED, priced, { authority: 'pricing.test:50051' })],
  });
  const disguise = createDisguise(redactionKey(newDataKey()), undefined, schemaOf(shop.tables));
  const parts = whole.parts
    .map(decodePart)
    .flatMap((part) => (part === undefined ? [] : [disguisePart(part, [], disguise)]));
  const { id, purpose, transaction } = whole.summary;
  const recorded = { id, purpose, subject: '', transaction, parts };
  const redact = createRedactor(disguise.key);
  const bytes = await encodeLoopFile({
    ...whole,
    ...present(recorded, derive(recorded), redact, disguise.schema),
    parts: parts.map(encodePart),
  });
  for (const secret of [SECRET, 'no card by looks']) expect(Buffer.from(bytes).includes(secret)).toBe(false);
  const project = makeProject(FILES);
  const path = join(project.root, 'tokens.loop');
  writeFileSync(path, bytes);
  const { stdout, stderr } = await loopctl(['replay', path, '-o', 'json'], {
    cwd: project.directory,
    data: project.data,
  });
  if (stdout === '') throw new Error(stderr);
  const report = checkedReport(stdout);
  expect(report.calls).toMatchObject([{ protocol: 'grpc', peer: 'pricing.test:50051', grade: 'exact' }]);
  expect([report.outcome, report.diff, report.missed]).toEqual(['reproduced', [], []]);
});
