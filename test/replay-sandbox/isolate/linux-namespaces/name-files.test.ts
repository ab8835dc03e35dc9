import { expect, it } from 'vitest';
import { nameFiles } from '../../../../replay-sandbox/isolate/linux-namespaces/name-files.ts';

it('asks the sandbox for names, and nobody through a unix socket', () => {
  const files = nameFiles('laptop');
  expect(files.get('/etc/resolv.conf')).toContain('nameserver 192.0.2.53\n');
  expect(files.get('/etc/hosts')).toContain('192.0.2.10 laptop\n');
  expect(files.get('/etc/nsswitch.conf')).toContain('hosts: files dns\n');
});
