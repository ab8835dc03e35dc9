import { expect, test } from 'vitest';
import { emptyReply } from '../../../../src/wire/extproc/reply.ts';
import { Part } from '../../../../src/wire/extproc/scanned.ts';
import { ProcessingResponse, replyKind } from '../../../support/extproc.ts';

test.each(Object.entries(Part))('%s is answered in kind, with nothing changed', (name, part) => {
  const reply = emptyReply(part);
  expect(replyKind(reply)).toBe(name);
  expect(ProcessingResponse.toObject(ProcessingResponse.decode(reply))).toEqual({ [name]: {} });
});
