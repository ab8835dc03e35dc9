import { expect, it } from 'vitest';
import { parseReport } from '../../../../replay-sandbox/isolate/linux-namespaces/helper-report.ts';

it.each([
  ['ready\t4711', { kind: 'ready', pid: 4711 }],
  ['started\t4712', { kind: 'started', pid: 4712 }],
  ['limit\tipv6\t97\t', { kind: 'limit', code: 'ipv6', errno: 'EAFNOSUPPORT', detail: '' }],
  ['error\tbind\t2\t/a b', { kind: 'error', code: 'bind', errno: 'ENOENT', detail: '/a b' }],
  ['error\trun\t0\t', { kind: 'error', code: 'run', errno: '', detail: '' }],
  [
    'dial\t1700000000123\ttcp\t443\t2001:db8::1',
    { kind: 'dial', at: 1_700_000_000_123, protocol: 'tcp', port: 443, address: '2001:db8::1' },
  ],
  ['dial\t1\tunix\t0\t/a b', { kind: 'dial', at: 1, protocol: 'unix', port: 0, address: '/a b' }],
  ['exited\t-1\t15', { kind: 'exited', code: -1, signal: 15 }],
  ['dial\t1\tsctp\t0\t::1', undefined],
  ['something else', undefined],
  ['', undefined],
])('%j', (line, report) => {
  expect(parseReport(line)).toEqual(report);
});
