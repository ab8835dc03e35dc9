/** What of a view lists are searched by, by the service that said it. Redacted as the view is, and bounded. */
import type { CommandView, ExchangeView, LoopView, MessageView } from '../seal/view-schema.ts';

/** Of one loop, and of one body or statement, characters. */
const ALL = 16 * 1024;
const ONE = 2 * 1024;

export interface SearchText {
  readonly service: string;
  readonly text: string;
}

/** What failed comes first, so that it is there when the rest finds no more room. */
export function searchText({ exchanges, commands, failures }: LoopView): readonly SearchText[] {
  const found = new Map<string, string[]>();
  let left = ALL;
  const add = (service: string, texts: readonly (string | undefined)[]): void => {
    for (const text of texts) {
      const cut = (text ?? '').slice(0, Math.min(ONE, left));
      if (cut === '') continue;
      left -= cut.length;
      found.set(service, [...(found.get(service) ?? []), cut]);
    }
  };
  const failed = new Map(failures.map(({ exchange, summary }) => [exchange, summary]));
  const order = (one: ExchangeView) => Number(!failed.has(one.id));
  const byInterest = exchanges.toSorted((one, other) => order(one) - order(other));
  for (const one of byInterest) add(one.vantage.service, [headOf(one), failed.get(one.id)]);
  for (const one of commands) add(one.vantage.service, textsOf(one));
  for (const one of byInterest) add(one.vantage.service, [bodyOf(one.request), bodyOf(one.response)]);
  return [...found].map(([service, texts]) => ({ service, text: texts.join('\n') }));
}

function headOf({ method, path, status, details, flags, peer }: ExchangeView): string {
  return `${method} ${path} ${status ?? ''} ${details ?? ''} ${flags.join(' ')} ${peer.name}`;
}

function textsOf({ summary, parameters = [], error, notices = [] }: CommandView): readonly (string | undefined)[] {
  return [summary, parameters.join(' '), error && `${error.code} ${error.message}`, ...notices];
}

function bodyOf(message: MessageView | undefined): string | undefined {
  return message?.body.kind === 'text' ? message.body.text : undefined;
}
