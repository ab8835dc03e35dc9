/** Bodies that cost whoever reads, shows or redacts them: deep, dense, endless to a careless pattern, larger than they look. */
import { gzipSync } from 'node:zlib';
import { field } from './bytes.ts';

export interface HostileBody {
  readonly contentType: string;
  readonly encoding?: string;
  readonly bytes: Uint8Array;
}

const KIB = 1024;

export function hostileBodies(): readonly HostileBody[] {
  return [
    ...JSON_TEXTS.map((text) => body('application/json', text)),
    ...DENSE.map((text) => body('text/plain', text)),
    ...DENSE.map((text) => body('application/json', JSON.stringify({ note: text }))),
    ...DENSE.map((text) => body('application/x-www-form-urlencoded', text)),
    body('application/x-www-form-urlencoded', 'a=b&'.repeat(12 * KIB)),
    body('multipart/form-data; boundary=b', '--b\r\ncontent-type: multipart/mixed; boundary=b\r\n\r\n'.repeat(800)),
    body('multipart/form-data; boundary=-', '-'.repeat(50 * KIB)),
    body('application/grpc', framed(deepMessage(3000))),
    body('application/grpc', framed(Buffer.concat(Array.from({ length: 9000 }, () => Buffer.of(0x0a, 1, 0x41))))),
    body('application/grpc', Buffer.alloc(40 * KIB)),
    { ...body('application/json', ''), encoding: 'gzip', bytes: gzipSync(Buffer.alloc(48 * KIB * KIB, ' ')) },
    { ...body('application/json', ''), encoding: 'gzip, gzip, br, __proto__', bytes: gzipSync(gzipSync('{}')) },
    body('application/json; charset=utf-16; charset=__proto__', '\0{\0}'),
  ];
}

const JSON_TEXTS: readonly string[] = [
  '['.repeat(20 * KIB),
  '['.repeat(10 * KIB) + ']'.repeat(10 * KIB),
  '{"a":'.repeat(8 * KIB) + '1' + '}'.repeat(8 * KIB),
  '{"__proto__":{"__proto__":{"toString":null}},"constructor":{"prototype":{"a":1}},"hasOwnProperty":1}',
  '[1e999999999,-0,1e-999,123456789012345678901234567890,0.1e+1]',
  `"${'\\u0000\\ud800'.repeat(4 * KIB)}"`,
  nestedText(24),
  `{${Array.from({ length: 4000 }, (_, index) => `"k${index}":"v"`).join(',')}}`,
  '{"errors":'.repeat(3000),
];

/** What patterns for cards, mails, accounts, keys and targets may run long on. */
const DENSE: readonly string[] = [
  '4'.repeat(60 * KIB),
  '4 '.repeat(30 * KIB),
  'a@'.repeat(30 * KIB),
  `${'a'.repeat(30 * KIB)}@${'b.'.repeat(15 * KIB)}`,
  '+49 (0) '.repeat(8 * KIB),
  'DE89 3704 '.repeat(6 * KIB),
  '%'.repeat(60 * KIB),
  '%25'.repeat(20 * KIB),
  `${'https://a'.repeat(3 * KIB)}?${'a=b&'.repeat(3 * KIB)}`,
  'eyJ'.repeat(20 * KIB),
  'password='.repeat(6 * KIB),
  '-----BEGIN PRIVATE KEY-----\n'.repeat(2 * KIB),
  'REDACTED('.repeat(6 * KIB),
  '\u{1f600}'.repeat(10 * KIB),
  ' \t'.repeat(30 * KIB),
  '"\\'.repeat(30 * KIB),
];

function nestedText(levels: number): string {
  let text = '{"card":"4111111111111111"}';
  for (let level = 0; level < levels && text.length < 60 * KIB; level++) text = JSON.stringify({ inner: text });
  return text;
}

function deepMessage(levels: number): Uint8Array {
  let inner: Uint8Array = Buffer.from('leaf');
  for (let level = 0; level < levels; level++) inner = field(1, inner);
  return inner;
}

function framed(bytes: Uint8Array): Uint8Array {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([prefix, bytes]);
}

function body(contentType: string, content: string | Uint8Array): HostileBody {
  return { contentType, bytes: Buffer.from(content) };
}
