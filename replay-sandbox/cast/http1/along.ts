/** Calls that pass over HTTP/1.1, also pipelined, until another protocol takes the connection over. */
import type { Header } from '../../../src/domain/exchange.ts';
import { header } from '../../../src/domain/exchange.ts';
import type { ReadAlong } from '../along.ts';
import type { HeardCall } from '../heard.ts';
import type { Framing } from './reader.ts';
import { Http1Reader } from './reader.ts';

/** More at once than any client asks: the rest passes unheard. */
const MOST_OPEN = 10_000;

export function alongHttp1(heard: () => HeardCall): ReadAlong {
  /** Those without their whole answer, in the order they were asked. */
  const open: HeardCall[] = [];
  let last: HeardCall | undefined;
  let isOtherProtocol = false;
  const requests = new Http1Reader({
    head(line, headers) {
      if (open.length >= MOST_OPEN || !/^\S+ \S+ HTTP\/1\.\d$/.test(line)) return { kind: 'lost' };
      last = heard();
      open.push(last);
      last.asked([...requestLine(line, header(headers, 'host')), ...headers]);
      return requestFraming(headers);
    },
    body: (bytes) => last?.askedBody(bytes),
    end: () => last?.askedWhole(),
  });
  const answers = new Http1Reader({
    head(line, headers) {
      const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(line)?.[1]);
      if (Number.isNaN(status)) return { kind: 'lost' };
      const framing = answerFraming(status, headers, open[0]?.method);
      isOtherProtocol ||= framing.kind === 'raw';
      if (framing.kind !== 'head') open[0]?.answered([{ name: ':status', value: String(status) }, ...headers]);
      return framing;
    },
    body: (bytes) => open[0]?.answeredBody(bytes),
    end(trailers) {
      open[0]?.trailed(trailers);
      open.shift()?.over();
    },
  });
  return {
    fromClient(bytes) {
      if (!isOtherProtocol) requests.push(bytes);
    },
    fromServer: (bytes) => answers.push(bytes),
    serverEnded: () => answers.ended(),
    closed: () => open.splice(0).forEach((call) => call.broken()),
  };
}

function requestLine(line: string, host: string | undefined): readonly Header[] {
  const [method = '', target = ''] = line.split(' ');
  return [
    { name: ':method', value: method },
    { name: ':path', value: target },
    ...(host === undefined ? [] : [{ name: ':authority', value: host }]),
  ];
}

function requestFraming(headers: readonly Header[]): Framing {
  return bodyFraming(headers) ?? { kind: 'length', bytes: 0 };
}

/** RFC 9112 section 6.3. */
function answerFraming(status: number, headers: readonly Header[], method: string | undefined): Framing {
  if (status === 101 || (method === 'CONNECT' && status < 300)) return { kind: 'raw' };
  if (status < 200) return { kind: 'head' };
  if (method === 'HEAD' || status === 204 || status === 304) return { kind: 'length', bytes: 0 };
  return bodyFraming(headers) ?? { kind: 'close' };
}

function bodyFraming(headers: readonly Header[]): Framing | undefined {
  if (/\bchunked\s*$/i.test(header(headers, 'transfer-encoding') ?? '')) return { kind: 'chunked' };
  const length = Number(header(headers, 'content-length'));
  return Number.isSafeInteger(length) && length >= 0 ? { kind: 'length', bytes: length } : undefined;
}
