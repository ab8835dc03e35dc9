import { expect, it } from 'vitest';
import { setUpFailure } from '../../../../replay-sandbox/isolate/linux-namespaces/failures.ts';

it('a bind names the file', async () => {
  expect(await setUpFailure({ code: 'bind-source', errno: 'ENOENT', detail: '/tmp/ca.pem' })).toMatchObject({
    code: 'bind-failed',
    message: 'Cannot show a file in the sandbox: /tmp/ca.pem (ENOENT).',
  });
});

it('anything else keeps the step, the detail and the error', async () => {
  expect(await setUpFailure({ code: 'network', errno: 'EOPNOTSUPP', detail: 'veth' })).toMatchObject({
    code: 'set-up-failed',
    message: 'The sandbox could not be made (network veth EOPNOTSUPP).',
    hint: expect.stringMatching(/\.$/),
  });
});
