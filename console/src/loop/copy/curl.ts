/** A recorded request as a command line of curl. https://curl.se/docs/manpage.html */
import type { ExchangeView, MessageView } from '../../../../src/seal/view-schema.ts';
import { addressOf, headerOf, redactionNote, sentHeaders, type Copied, type SentHeader } from './recorded.ts';
import { isPrintable, octal, shellWord } from './shell.ts';

export function curlCommand(exchange: ExchangeView): Copied {
  const { request } = exchange;
  const { sent, notes: left } = sentHeaders(request?.headers ?? []);
  const { scheme, authority, target, notes: where } = addressOf(exchange);
  const { before, words: data, notes: about } = dataOf(request);
  const words = [
    'curl',
    // No expansion of `[1-9]`, no folding of `/../`: the path as it was.
    '--globoff',
    '--path-as-is',
    ...methodOf(exchange.method, data.length > 0),
    ...protocolOf(exchange.protocol, scheme),
    ...(encodingOf(sent) ? ['--compressed'] : []),
    ...sent.filter(({ name }) => name !== 'accept-encoding').flatMap((one) => ['--header', headerWord(one)]),
    ...noOwn(sent, data.length > 0),
    ...data,
    '--url',
    word(`${scheme}://${authority}${target}`),
  ];
  const values = [
    target,
    ...sent.map(({ value }) => value),
    ...(request?.body.kind === 'text' ? [request.body.text] : []),
  ];
  return { command: `${before}${words.join(' ')}`, notes: [...where, ...left, ...about, ...redactionNote(values)] };
}

/** What curl would send by itself and the recorded request did not have. */
function noOwn(sent: readonly SentHeader[], hasBody: boolean): readonly string[] {
  const own = ['accept', 'user-agent', ...(hasBody ? ['content-type'] : [])];
  return own.filter((name) => !sent.some((one) => one.name === name)).flatMap((name) => ['--header', `'${name}:'`]);
}

function methodOf(method: string, hasBody: boolean): readonly string[] {
  if (method === 'HEAD') return ['--head'];
  return method === (hasBody ? 'POST' : 'GET') ? [] : ['--request', word(method)];
}

function protocolOf(protocol: string, scheme: string): readonly string[] {
  if (protocol !== 'http/2') return [];
  return [scheme === 'http' ? '--http2-prior-knowledge' : '--http2'];
}

function encodingOf(sent: readonly SentHeader[]): boolean {
  return sent.some(({ name, value }) => name === 'accept-encoding' && /gzip|br|deflate|zstd/.test(value));
}

/** `name;` is how curl is told of a header without a value. */
function headerWord({ name, value }: SentHeader): string {
  return word(value === '' ? `${name};` : `${name}: ${value}`);
}

interface Data {
  /** What makes the body, with a pipe behind. */
  readonly before: string;
  readonly words: readonly string[];
  readonly notes: readonly string[];
}

const NONE: Data = { before: '', words: [], notes: [] };

function dataOf(request: MessageView | undefined): Data {
  if (request === undefined || request.body.kind === 'empty') return NONE;
  const { body } = request;
  if (body.kind === 'omitted')
    return {
      ...NONE,
      notes: [`The body (${body.bytes} bytes) is not in the readable view: ${body.why}. It is not sent.`],
    };
  const notes = [
    ...(body.truncated ? ['Only the beginning of the body is in the readable view, and sent.'] : []),
    ...(headerOf(request, 'content-encoding') === undefined ? [] : ['The body was compressed; it is sent plain.']),
    ...(/^multipart\//i.test(body.contentType ?? '') && body.text.includes(' bytes, not shown)')
      ? ['Parts that are no text are not in the readable view; their sizes are sent.']
      : []),
    ...(body.times === undefined ? [] : ['It was a stream; its messages are sent at once, as text.']),
  ];
  // `--data` would read a file where the body begins with @.
  if (isPrintable(body.text)) return { before: '', words: ['--data-raw', word(body.text)], notes };
  return { before: `printf ${octal(body.text)} | `, words: ['--data-binary', '@-'], notes };
}

/** Whoever calls has made sure that there is no NUL in it, or it is dropped. */
function word(text: string): string {
  return shellWord(text.replaceAll('\0', '')) ?? "''";
}
