/** Bodies, as an HTTP archive has them. */
import type { Content, PostData } from 'har-format';
import { header } from '../domain/exchange.ts';
import { isGrpc } from '../domain/grpc.ts';
import type { BodyView, MessageView } from '../seal/view-schema.ts';

/** What HAR calls a body of no known type. */
const UNKNOWN_TYPE = 'x-unknown';

interface ShownText {
  readonly text: string;
  /** `base64`: of the text as UTF-8, because it holds characters that are no text. */
  readonly encoding?: 'base64';
}

export function harContent(message: MessageView | undefined): Content {
  if (message === undefined) return { size: 0, mimeType: UNKNOWN_TYPE };
  const { body } = message;
  const mimeType = typeOf(message);
  if (body.kind === 'empty') return { size: 0, mimeType };
  const comment = commentOn(message);
  const about = { mimeType, ...(comment !== undefined && { comment }) };
  if (body.kind === 'omitted') return { size: body.bytes, ...about };
  const isEncoded = header(message.headers, 'content-encoding') !== undefined;
  return { size: isEncoded ? Buffer.byteLength(body.text) : body.bytes, ...about, ...shown(body.text) };
}

/** Undefined for a request without a body. HAR has no encoding here, so it is a field of our own. */
export function harPostData(message: MessageView): (PostData & { readonly _encoding?: 'base64' }) | undefined {
  const { body } = message;
  if (body.kind === 'empty') return undefined;
  const comment = commentOn(message);
  const about = { mimeType: typeOf(message), ...(comment !== undefined && { comment }) };
  if (body.kind === 'omitted') return { ...about, text: '' };
  const { text, encoding } = shown(body.text);
  return { ...about, text, ...(encoding !== undefined && { _encoding: encoding }) };
}

function typeOf({ headers, body }: MessageView): string {
  return (body.kind === 'empty' ? undefined : body.contentType) ?? header(headers, 'content-type') ?? UNKNOWN_TYPE;
}

function shown(text: string): ShownText {
  // eslint-disable-next-line no-control-regex -- these are the characters to find
  const isText = !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text);
  return isText ? { text } : { text: Buffer.from(text).toString('base64'), encoding: 'base64' };
}

function commentOn(message: MessageView): string | undefined {
  const parts = [...shownWhy(message.body), ...grpcNote(message), ...(message.complete ? [] : ['it was cut off'])];
  return parts.length === 0 ? undefined : parts.join('; ');
}

function shownWhy(body: BodyView): readonly string[] {
  if (body.kind === 'omitted') return [`${body.bytes} bytes, not shown: ${body.why}`];
  return body.kind === 'text' && body.truncated ? ['only its beginning is shown'] : [];
}

function grpcNote({ headers, body }: MessageView): readonly string[] {
  const isCall = body.kind === 'text' && isGrpc(header(headers, 'content-type'));
  return isCall ? ['gRPC messages, a line of JSON each, fields by number'] : [];
}
