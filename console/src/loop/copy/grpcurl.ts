/** A recorded gRPC call as a command line of grpcurl. https://github.com/fullstorydev/grpcurl */
import type { ExchangeView } from '../../../../src/seal/view-schema.ts';
import { addressOf, redactionNote, sentHeaders, type Copied } from './recorded.ts';
import { isPrintable, octal, shellWord } from './shell.ts';

const OWN = /^(?:content-type|user-agent|grpc-accept-encoding|grpc-encoding|accept-encoding)$/;

/** Undefined for a path that names no method. */
export function grpcurlCommand(exchange: ExchangeView): Copied | undefined {
  const [, method] = /^\/([\w.]{1,400}\/\w{1,200})$/.exec(exchange.path) ?? [];
  if (method === undefined) return undefined;
  const { sent, notes: left } = sentHeaders(exchange.request?.headers ?? []);
  const own = sent.filter(({ name }) => !OWN.test(name) && name !== 'grpc-timeout');
  const { scheme, authority, notes: where } = addressOf(exchange);
  const body = exchange.request?.body;
  const text = body?.kind === 'text' ? body.text : '';
  const words = [
    'grpcurl',
    ...(scheme === 'http' ? ['-plaintext'] : []),
    ...own.flatMap(({ name, value }) => ['-H', shellWord(`${name}: ${value}`) ?? "''"]),
    '-d',
    text !== '' && isPrintable(text) ? (shellWord(text) ?? "''") : '@',
    shellWord(/:\d+$/.test(authority) ? authority : `${authority}:${scheme === 'https' ? 443 : 80}`) ?? "''",
    method,
  ];
  const piped = text === '' ? "printf '' | " : isPrintable(text) ? '' : `printf ${octal(text)} | `;
  const values = [...own.map(({ value }) => value), text];
  return {
    command: `${piped}${words.join(' ')}`,
    notes: [...where, ...left, ...aboutBody(exchange), ...redactionNote(values)],
  };
}

function aboutBody({ request }: ExchangeView): readonly string[] {
  const body = request?.body;
  if (body?.kind === 'omitted') return [`The message (${body.bytes} bytes) is not in the readable view: ${body.why}.`];
  if (body?.kind !== 'text') return [];
  return [
    ...(body.truncated ? ['Only the first messages are in the readable view; the last may be cut off.'] : []),
    ...(/[{,]"\d+":/.test(body.text)
      ? ['Fields have their numbers here, because loopd has no descriptor of this method: grpcurl wants their names.']
      : []),
    'grpcurl asks the server for its descriptors; where it has no reflection, add -proto or -protoset.',
  ];
}
