/** A recording in which everybody says hostile things, everywhere that something can be said. */
import type { LoopFile } from '../../src/domain/loop-file.ts';
import { encodeFrame } from '../../src/wire/websocket/framing.ts';
import { HOSTILE, HOSTILE_KEYS, latin1 } from './hostile-text.ts';
import { connectionSegments } from './postgres-segments.ts';
import {
  bind,
  client,
  columns,
  column,
  complete,
  error,
  execute,
  handshake,
  notice,
  parse,
  query,
  ready,
  row,
  server,
  sync,
} from './postgres-wire.ts';
import { exchangeSegments, recordingOf, type RecordedCall } from './recording.ts';
import { frame, MASK } from './websocket-frames.ts';

const TEXTS = HOSTILE.map(({ text }) => text);
const LINES = TEXTS.join('\n');
const MARKUP = `<!doctype html><html><body>${LINES}</body></html>`;
const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" onload="ran('svg-file')"><script>ran('svg-file')</script></svg>`;

const FORM = TEXTS.map(
  (text) => `${encodeURIComponent(text.toWellFormed())}=${encodeURIComponent(text.toWellFormed())}`,
).join('&');
const PARTS = [
  ...TEXTS.map(
    (text) =>
      `--b\r\nContent-Disposition: form-data; name="${text}"; filename="${text}"\r\nContent-Type: text/html\r\n\r\n${text}\r\n`,
  ),
  '--b--\r\n',
].join('');
const JSON_TEXT = JSON.stringify({
  ...Object.fromEntries(TEXTS.map((text) => [text, text])),
  list: TEXTS,
}).replace(/^\{/, `{${HOSTILE_KEYS.map((key) => `"${key}":{"__html":"<img src=x onerror=ran('key')>"},`).join('')}`);

const BODIES: readonly (readonly [type: string, body: string | Uint8Array])[] = [
  ['text/html', MARKUP],
  ['text/plain; charset=utf-7', LINES],
  ['application/json', JSON_TEXT],
  ['application/json', `)]}',\n${JSON_TEXT}`],
  ['application/x-www-form-urlencoded', FORM],
  ['multipart/form-data; boundary=b', PARTS],
  ['image/svg+xml', PICTURE],
  [
    'application/xml',
    `<?xml-stylesheet href="javascript:ran('xml')"?><x xmlns:h="http://www.w3.org/1999/xhtml"><h:script>ran('xml')</h:script></x>`,
  ],
  ['application/javascript', "ran('javascript')"],
  ['text/csv', TEXTS.map((text) => `"${text.replaceAll('"', '""')}"`).join('\n')],
  ['application/x-ndjson', TEXTS.map((text) => JSON.stringify({ text })).join('\n')],
  [
    'text/event-stream',
    TEXTS.map((text) => `event: ${text.replace(/[\r\n]/g, ' ')}\ndata: ${text.replace(/[\r\n]/g, ' ')}\n\n`).join(''),
  ],
  ['image/png', MARKUP],
  ['application/octet-stream', Buffer.from(MARKUP, 'utf16le')],
  [TEXTS[0] ?? '', LINES],
];

/** Headers may not have line ends on the wire; the recorder is told by a sidecar, which may be anybody. */
const HEADERS = Object.fromEntries(
  HOSTILE.flatMap(({ name, text }) => [
    [`x-${name}`, latin1(text)],
    [latin1(text), name],
  ]),
);

function conversations(): readonly RecordedCall[] {
  return BODIES.map(([type, body], index) => ({
    method: 'POST',
    path: `/bodies/${index}`,
    authority: `peer-${index}`,
    headers: { 'content-type': type, ...(index === 0 && HEADERS) },
    body,
    answer: {
      status: index % 2 === 0 ? 500 : 200,
      headers: { 'content-type': type, ...(index === 0 && HEADERS) },
      body,
      ...(index === 0 && { trailers: { 'x-trailer': LINES.slice(0, 200) } }),
    },
  }));
}

function feed(): RecordedCall {
  const frames = (mask?: Uint8Array): Buffer =>
    Buffer.concat(TEXTS.map((text) => encodeFrame(frame('text', text), mask)));
  const upgrade = { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' };
  return {
    path: '/feed',
    authority: 'feed',
    headers: { ...upgrade, 'content-type': 'x', 'sec-websocket-version': '13' },
    body: frames(MASK),
    answer: { status: 101, headers: { ...upgrade, 'sec-websocket-accept': 'recorded' }, body: frames() },
  };
}

/** Statements, parameters, cells, notices and errors. */
function database() {
  const sent = TEXTS.flatMap((text) => {
    const safe = text.replaceAll('\0', '');
    return [
      client(query(`SELECT '${safe}'`)),
      server(columns(column(safe)), row(safe), notice(safe), complete('SELECT 1'), ready()),
      client(parse(`INSERT INTO t VALUES ($1) -- ${safe}`), bind([safe]), execute(), sync),
      server(error(safe.slice(0, 40), safe), ready()),
    ];
  });
  return connectionSegments({
    stream: 900,
    service: 'orders',
    owner: 1,
    sent: [...handshake, ...sent],
    authority: `${TEXTS[8]}:5432`,
  });
}

/** One failed transaction. */
export function hostileRecording(number = 1): LoopFile {
  const asked = HOSTILE.map(({ text }) => ({ path: `/${latin1(text)}`, authority: latin1(text), method: 'GET' }));
  return recordingOf({
    number,
    service: 'orders',
    trigger: {
      method: 'POST',
      path: `/orders/${latin1(TEXTS.slice(0, 6).join(' '))}`,
      headers: HEADERS,
      body: LINES,
      answer: { status: 500, headers: { 'content-type': 'text/html', ...HEADERS }, body: MARKUP },
    },
    calls: [...conversations(), feed(), ...asked],
    more: [
      ...HOSTILE.flatMap(({ text }, index) =>
        exchangeSegments(1000 + index, latin1(text), 'inbound', {
          path: `/inner/${index}`,
          method: latin1(text),
          authority: latin1(text),
          answer: { status: 503 },
        }),
      ),
      ...database(),
    ],
  });
}
