/** What was said in an exchange: question and answer, or a stream message by message, with its times. */
import type { ExchangeView, MessageView } from '../../src/seal/view-schema.ts';
import { printable } from './format.ts';
import { paint } from './paint.ts';

/** `time` words a moment; other lines stand as far to the right as it does. */
export function messageLines(exchange: ExchangeView, indent: string, time: (at: number) => string): readonly string[] {
  const sides = [
    ...(exchange.request === undefined ? [] : [{ mark: '>', message: exchange.request }]),
    ...(exchange.response === undefined ? [] : [{ mark: '<', message: exchange.response }]),
  ];
  const plain = (lines: readonly string[]): readonly string[] =>
    lines.map((line) => paint.dim(`         ${indent}${line}`));
  if (!sides.some(({ message }) => timesOf(message) !== undefined))
    return sides.flatMap(({ mark, message }) =>
      plain([...headLines(message), ...bodyLines(message), ...endLines(message)].map((line) => `${mark} ${line}`)),
    );
  const said = sides.flatMap(({ mark, message }) =>
    bodyLines(message).map((line, index) => ({
      at: timesOf(message)?.[index] ?? message.endedAt,
      line: `${indent}${mark} ${line}`,
    })),
  );
  return [
    ...sides.flatMap(({ mark, message }) => plain(headLines(message).map((line) => `${mark} ${line}`))),
    ...said.toSorted((one, other) => one.at - other.at).map(({ at, line }) => `${time(at)} ${paint.dim(line)}`),
    ...sides.flatMap(({ mark, message }) => plain(endLines(message).map((line) => `${mark} ${line}`))),
  ];
}

function timesOf({ body }: MessageView): readonly number[] | undefined {
  return body.kind === 'text' ? body.times : undefined;
}

function headLines({ headers }: MessageView): readonly string[] {
  return headers.map(({ name, value }) => `${printable(name)}: ${printable(value)}`);
}

function bodyLines({ body }: MessageView): readonly string[] {
  if (body.kind === 'omitted') return [`(${body.bytes} bytes, not shown: ${printable(body.why)})`];
  return body.kind === 'text' ? body.text.split('\n').map(printable) : [];
}

function endLines({ trailers, complete }: MessageView): readonly string[] {
  const lines = trailers.map(({ name, value }) => `${printable(name)}: ${printable(value)}`);
  return complete ? lines : [...lines, '(cut off)'];
}
