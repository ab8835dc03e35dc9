/** Parts of a multipart body (RFC 2046, 5.1), as the readable view has it: content that is no text was replaced by its size. */
import type { Field } from './form.ts';

export interface Part {
  readonly headers: readonly Field[];
  /** The field of a form. */
  readonly name?: string;
  readonly filename?: string;
  readonly contentType?: string;
  readonly text: string;
}

const MOST_PARTS = 500;
const MOST_HEADERS = 100;

/** `boundary=…` of a content type. */
export function boundaryOf(contentType: string): string | undefined {
  const [, quoted, bare] = /;\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? [];
  return quoted ?? bare;
}

/** Undefined when the boundary is not in it. */
export function readMultipart(text: string, boundary: string): readonly Part[] | undefined {
  const [, ...pieces] = `\r\n${text}`.split(`\n--${boundary}`, MOST_PARTS + 1);
  if (pieces.length === 0) return undefined;
  // Behind the boundary its line ends; behind the last one there are hyphens, or what a cut left of them.
  return pieces.filter((piece) => /^[ \t]{0,100}\r?\n/.test(piece)).map(readPart);
}

function readPart(piece: string): Part {
  const lines = piece.replace(/^[ \t]*\r?\n/, '');
  const gap = /(?:^|\n)\r?\n/.exec(lines);
  const head = gap === null ? '' : lines.slice(0, gap.index);
  const headers = head.split('\n', MOST_HEADERS).flatMap(headerOf);
  const value = (name: string): string | undefined => headers.find((one) => one.name.toLowerCase() === name)?.value;
  const disposition = value('content-disposition') ?? '';
  const [name, filename, contentType] = [
    parameter(disposition, 'name'),
    parameter(disposition, 'filename'),
    value('content-type'),
  ];
  return {
    headers,
    ...(name !== undefined && { name }),
    ...(filename !== undefined && { filename }),
    ...(contentType !== undefined && { contentType }),
    text: (gap === null ? lines : lines.slice(gap.index + gap[0].length)).replace(/\r$/, ''),
  };
}

function headerOf(line: string): readonly Field[] {
  const colon = line.indexOf(':');
  return colon <= 0 ? [] : [{ name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() }];
}

function parameter(disposition: string, name: 'name' | 'filename'): string | undefined {
  const pattern = name === 'name' ? NAME : FILENAME;
  const [, quoted, bare] = pattern.exec(disposition) ?? [];
  return quoted ?? bare;
}

const NAME = /;\s{0,20}name\s{0,20}=\s{0,20}(?:"([^"]{0,500})"|([^\s;"]{1,500}))/i;
const FILENAME = /;\s{0,20}filename\s{0,20}=\s{0,20}(?:"([^"]{0,500})"|([^\s;"]{1,500}))/i;
