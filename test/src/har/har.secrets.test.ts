/** What 200 secrets in every place make of an archive, with redaction and, to see that they could be found, without. */
import { expect, it } from 'vitest';
import type { LoopId } from '../../../src/domain/ids.ts';
import { harOf } from '../../../src/har/har.ts';
import { derive, present } from '../../../src/keeping/derive.ts';
import { newDataKey, redactionKey } from '../../../src/seal/keys.ts';
import { createRedactor, type Redactor } from '../../../src/seal/redact.ts';
import { parseLoopView } from '../../../src/seal/view-schema.ts';
import { encodeSegments } from '../../../src/wire/segments/record.ts';
import { HAR } from '../../support/har-schema.ts';
import { findLeaks } from '../../support/leaks.ts';
import { PLANTED, plantedSegments } from '../../support/planted-secrets.ts';
import { RECORDER, transactionKey } from '../../support/transaction.ts';

const NOTHING: Redactor = {
  header: (header) => header,
  text: (text) => text,
  json: (text) => text,
  form: (text) => text,
  sql: (text) => text,
  parameter: (_, value) => value,
  key: (key) => key,
  stored: (_key, _field, value) => value,
  value: (_, value) => value,
};

function archive(redact: Redactor): string {
  const parts = [{ recorder: RECORDER, overwritten: 0, records: encodeSegments(plantedSegments()) }];
  const id = '0123456789ab' as LoopId;
  const recorded = { id, purpose: 'failure' as const, subject: '', transaction: transactionKey(), parts };
  const view = parseLoopView(present(recorded, derive(recorded), redact).view);
  if (view === undefined) throw new Error('there is no view');
  const har = harOf(view, 'test');
  expect(HAR.safeParse(JSON.parse(JSON.stringify(har))).error?.issues ?? []).toEqual([]);
  return JSON.stringify(har);
}

it('none is in it', () => {
  expect(findLeaks([archive(createRedactor(redactionKey(newDataKey())))], PLANTED)).toEqual([]);
});

it('without redaction those of HTTP are', () => {
  // The rest are in SQL, which an archive does not hold.
  expect(findLeaks([archive(NOTHING)], PLANTED).length).toBeGreaterThan(150);
});
