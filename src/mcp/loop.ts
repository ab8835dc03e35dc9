/** One loop: the cascade in short, one exchange in full, or a comparison. */
import type { CommandView, ExchangeView, LoopView, MessageView } from '../seal/view-schema.ts';
import { ApiError } from '../api/error.ts';
import type { Recorded } from './answer.ts';
import { loopNamed, type Ask } from './ask.ts';
import { loopLine } from './lists.ts';

export async function showLoop(
  ask: Ask,
  { loop, exchange }: { readonly loop: string; readonly exchange?: string | undefined },
): Promise<Recorded> {
  const id = await loopNamed(ask, loop);
  const { summary, view } = await ask('showLoop', { id });
  if (exchange !== undefined) return showExchange(view, exchange);
  const heading = `Loop ${id}: its summary, then what failed, what is missing, ${view.exchanges.length} exchanges and ${view.commands.length} commands by their start. show_loop with exchange shows headers and bodies of one. Secrets are replaced by tokens.`;
  const start = view.exchanges[0]?.startedAt ?? summary.startedAt;
  return {
    heading,
    lines: [
      loopLine(summary),
      ...view.failures.map((failure) => JSON.stringify({ failure })),
      ...view.holes.map((hole) => JSON.stringify({ hole })),
      ...view.exchanges.map((one) => exchangeLine(one, start)),
      ...view.commands.map((one) => commandLine(one, start)),
    ],
  };
}

function showExchange(view: LoopView, exchange: string): Recorded {
  const found = view.exchanges.find(({ id }) => id === exchange);
  if (found === undefined)
    throw new ApiError('not-found', 'This loop has no such exchange.', 'show_loop without exchange lists them.');
  const commands = view.commands.filter((command) => command.exchange === exchange);
  return {
    heading: `One exchange: in short, then request and response, then the ${commands.length} commands made for it. Secrets are replaced by tokens.`,
    lines: [
      exchangeLine(found, found.startedAt),
      ...messageLines('request', found.request),
      ...messageLines('response', found.response),
      ...commands.map((one) => commandLine(one, found.startedAt)),
    ],
  };
}

function messageLines(side: string, message: MessageView | undefined): readonly string[] {
  if (message === undefined) return [`${side}: none was seen`];
  const { headers, body, trailers, complete } = message;
  const shown =
    body.kind === 'text'
      ? body.text
      : body.kind === 'empty'
        ? '(empty)'
        : `(${body.bytes} bytes not shown: ${body.why})`;
  const cut = body.kind === 'text' && body.truncated ? ['(the body goes on; the view has no more of it)'] : [];
  const fields = [...headers, ...trailers].map(({ name, value }) => `  ${name}: ${value}`);
  return [`${side}${complete ? '' : ' (not whole)'}:`, ...fields, '', shown, ...cut, ''];
}

function exchangeLine(one: ExchangeView, start: number): string {
  const { id, parent, vantage, peer, protocol, method, path, status, flags, details, startedAt, endedAt, end } = one;
  return JSON.stringify({
    exchange: id,
    parent: parent?.exchange,
    service: vantage.service,
    version: vantage.version,
    direction: vantage.direction,
    peer: peer.name,
    protocol,
    method,
    path,
    status,
    ...(flags.length > 0 && { flags }),
    details,
    atMs: Math.round(startedAt - start),
    durationMs: Math.round(endedAt - startedAt),
    ...(end !== 'closed' && { end }),
  });
}

function commandLine(one: CommandView, start: number): string {
  const { id, exchange, attribution, vantage, peer, protocol, summary, parameters, rows, error, startedAt, endedAt } =
    one;
  const times = { atMs: Math.round(startedAt - start), durationMs: Math.round(endedAt - startedAt) };
  const what = { service: vantage.service, peer: peer.name, protocol, summary, parameters, rows, error };
  return JSON.stringify({ command: id, of: exchange, attribution, ...what, ...times });
}

export async function compareLoops(
  ask: Ask,
  { loop, other, noise }: { readonly loop: string; readonly other: string; readonly noise: boolean },
): Promise<Recorded> {
  const right = other === 'exemplar' ? other : await loopNamed(ask, other);
  const compared = await ask('compareLoops', { id: await loopNamed(ask, loop), other: right });
  const wanted = compared.pairs.filter(({ verdict }) => noise || verdict !== 'same');
  const heading = `${wanted.length} of ${compared.pairs.length} steps are listed${noise ? '' : ', the others are the same but for noise'}; the first two lines are the two loops, left and right.`;
  const pairs = wanted.map(({ differences, ...pair }) => ({
    ...pair,
    differences: noise ? differences : differences.filter(({ kind }) => kind !== 'noise' && kind !== 'hidden'),
  }));
  const notes = compared.notes.map((note) => JSON.stringify({ note }));
  const lines = [
    loopLine(compared.left),
    loopLine(compared.right),
    ...notes,
    ...pairs.map((pair) => JSON.stringify(pair)),
  ];
  return { heading, lines };
}

/** Made of the id alone: nothing that was recorded gets into a command line. */
export async function replayCommand(ask: Ask, loop: string): Promise<Recorded> {
  const id = await loopNamed(ask, loop);
  const { summary } = await ask('showLoop', { id });
  return {
    heading: [
      `Replays the loop on this machine, everything around the service answered from the recording; in the service's directory:`,
      `  loopctl replay ${id} -- <how the service is started>`,
      `  loopctl replay ${id} --break <file>:<line> -- <how the service is started>`,
      `  loopctl verify ${id} -- <how the service is started>      once it is mended`,
      'It opens originals, so it needs the permission to, and is for a person to start. Which service to replay: where it began, and its callers:',
    ].join('\n'),
    lines: [JSON.stringify({ origin: summary.origin, services: summary.services })],
  };
}

export async function originalBody(
  ask: Ask,
  { loop, exchange, side }: { readonly loop: string; readonly exchange: string; readonly side: 'request' | 'response' },
): Promise<Recorded> {
  const bytes = await ask('originalBody', { id: await loopNamed(ask, loop), exchange, side });
  const text = utf8(bytes);
  const lines = [text ?? Buffer.from(bytes).toString('base64')];
  return {
    heading: `${bytes.length} bytes as they were${text === undefined ? ', in base64' : ''}. They may hold secrets.`,
    lines,
  };
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
