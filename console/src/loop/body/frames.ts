/** A stream, message by message: of a WebSocket, a gRPC stream, or server-sent events. */
import type { ExchangeView, MessageView } from '../../../../src/seal/view-schema.ts';

export interface Frame {
  readonly from: 'client' | 'server';
  /** Unix ms. */
  readonly at: number;
  readonly text: string;
  /** Of a server-sent event. */
  readonly event?: string;
}

/** Undefined for an exchange that was no stream. Both directions in one, by time. */
export function framesOf({
  request,
  response,
}: Pick<ExchangeView, 'request' | 'response'>): readonly Frame[] | undefined {
  const said = [...framesIn(request, 'client'), ...framesIn(response, 'server')];
  return said.length === 0 ? undefined : said.toSorted((one, other) => one.at - other.at);
}

function framesIn(message: MessageView | undefined, from: Frame['from']): readonly Frame[] {
  if (message?.body.kind !== 'text' || message.body.times === undefined) return [];
  const { text, times, contentType } = message.body;
  const lines = text.split('\n').map((line, index) => ({ line, at: times[index] ?? message.endedAt }));
  if (/^text\/event-stream\b/i.test(contentType ?? '')) return eventsIn(lines);
  return lines.map(({ line, at }) => ({ from, at, text: line }));
}

/** Dispatched by an empty line, as https://html.spec.whatwg.org/multipage/server-sent-events.html says; the last may lack it. */
function eventsIn(lines: readonly { readonly line: string; readonly at: number }[]): readonly Frame[] {
  const frames: Frame[] = [];
  let data: string[] = [];
  let event: string | undefined;
  let last = 0;
  const dispatch = (at: number): void => {
    if (data.length > 0 || event !== undefined)
      frames.push({ from: 'server', at, text: data.join('\n'), ...(event !== undefined && { event }) });
    data = [];
    event = undefined;
  };
  for (const { line: written, at } of lines) {
    const line = written.replace(/\r$/, '');
    if (line === '') dispatch(at);
    else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
    else if (line.startsWith('event:')) event = line.slice(6).trim();
    else if (line.startsWith(':')) frames.push({ from: 'server', at, text: line.slice(1).trim(), event: 'comment' });
    last = at;
  }
  dispatch(last);
  return frames;
}
