import { describe, expect, test } from 'vitest';
import { flagNames } from '../../../../src/wire/extproc/flags.ts';
import { readAddress } from '../../../../src/wire/accesslog/address.ts';
import { createScannedEntry, requestIdOf, scanEntry } from '../../../../src/wire/accesslog/scan.ts';
import { isFinal } from '../../../../src/wire/accesslog/scanned.ts';
import { parseRequestTime } from '../../../../src/wire/accesslog/time.ts';
import { CLIENT, logEntry, requestTime } from '../../../support/access-log.ts';
import type { EntryOptions } from '../../../support/access-log.ts';
import { root } from '../../../support/extproc.ts';

const START = 1_795_308_384_862_627;

function scan(options: EntryOptions) {
  const bytes = logEntry(options);
  const scanned = scanEntry(bytes, createScannedEntry());
  if ('fault' in scanned) throw new Error(scanned.fault);
  const remote = readAddress(bytes, scanned.remoteStart, scanned.remoteEnd);
  return { ...scanned, requestId: requestIdOf(bytes, scanned), remote };
}

test('what joins an entry to its exchange, and what judges it', () => {
  const entry = {
    requestId: 'r-1',
    startMicros: START,
    durationMs: 1500.25,
    code: 504,
    flags: ['upstreamRequestTimeout'],
  };
  expect(scan(entry)).toMatchObject({
    requestId: 'r-1',
    startMicros: START,
    remote: '10.0.0.9:51234',
    type: 6,
    flags: 4,
    code: 504,
    durationMs: 1500.25,
  });
});

test('an entry without an answer has no code', () =>
  expect(scan({ flags: [] })).toMatchObject({ code: 0, flags: 0, requestId: '' }));

test('nothing is left of the entry before', () => {
  const into = createScannedEntry();
  const full = { code: 500, flags: ['noHealthyUpstream'], requestId: 'r', startMicros: START, durationMs: 7 };
  scanEntry(logEntry(full), into);
  expect(Object.values(into)).not.toContain(0);
  expect(scanEntry(new Uint8Array(), into)).toEqual(createScannedEntry());
});

describe('addresses are those of source.address', () => {
  test.each([
    [CLIENT, '10.0.0.9:51234'],
    [{ address: '::1', port: 80 }, '[::1]:80'],
    [{ listener: 'internal_client_address' }, 'envoy://internal_client_address/'],
  ])('%o', (remote, text) => expect(scan({ remote }).remote).toBe(text));
});

describe('the moment is that of request.time', () => {
  test.each([START, 1_795_308_384_000_000, 1_795_308_384_100_000, 1_795_308_384_000_001])('%d', (micros) => {
    expect(scan({ startMicros: micros }).startMicros).toBe(micros);
    expect(parseRequestTime(requestTime(micros))).toBe(micros);
  });

  test.each(['', 'yesterday', '2026-11-22T00:46:24', '2026-99-22T00:46:24Z'])('and nothing is none: %s', (text) =>
    expect(parseRequestTime(text)).toBeUndefined(),
  );
});

/** In the order of ResponseFlags; `access_log_entry.proto` has them by number. */
const NAMES = 'LH UH UT LR UR UF UC UO NR DI FI RL UAEX RLSE DC URX SI IH DPE UMSDR RFCF NFCF DT UPE NC OM DF DR'.split(
  ' ',
);

test.each(
  root
    .lookupType('envoy.data.accesslog.v3.ResponseFlags')
    .fieldsArray.map((field) => [NAMES[field.id - 1], field.name]),
)('flag %s is %s', (name, field) => {
  const value = field === 'unauthorizedDetails' ? { reason: 1 } : true;
  const { flags } = scan({ common: { responseFlags: { [field]: value } } });
  expect(flagNames(flags)).toEqual([name]);
});

test('only the end of an exchange counts', () => {
  const types = ['NotSet', 'DownstreamStart', 'DownstreamPeriodic', 'DownstreamEnd'];
  expect(types.map((accessLogType) => isFinal(scan({ common: { accessLogType } })))).toEqual([
    true,
    false,
    false,
    true,
  ]);
});
