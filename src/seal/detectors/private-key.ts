import { glanced, type Span } from './detector.ts';

/** PEM blocks of private keys, PGP's too; one that was cut off goes on to the end of the text. */
export const privateKey = glanced('private key', (text) => text.includes('-----BEGIN '), find);

function* find(text: string): Generator<Span> {
  const begin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
  for (let found = begin.exec(text); found !== null; found = begin.exec(text)) {
    const end = text.indexOf('-----END ', begin.lastIndex);
    begin.lastIndex = end === -1 ? text.length : end;
    yield { start: found.index, end: begin.lastIndex };
  }
}
