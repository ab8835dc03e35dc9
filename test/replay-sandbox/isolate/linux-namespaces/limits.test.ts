import { describe, expect, it } from 'vitest';
import { limitSentence, requestLimits } from '../../../../replay-sandbox/isolate/linux-namespaces/limits.ts';

describe('what the helper could not do', () => {
  const sentence = (code: string, errno: string, detail = ''): string | undefined =>
    limitSentence({ code, errno, detail }, '/home/ann/shop');

  it('is told in a sentence', () => {
    expect(sentence('dials', 'EBUSY')).toBe(
      'What the service dials is not reported (seccomp user notification: EBUSY); it is confined all the same.',
    );
    expect(sentence('overlay', 'EINVAL', '/home/ann/shop')).toBe(
      'The project is read-only for the service: the kernel refused a throw-away copy of /home/ann/shop (EINVAL).',
    );
    expect(sentence('overlay', 'EINVAL', '/tmp')).toBe(
      '/tmp is shared with the host: the kernel refused a throw-away copy of it (EINVAL).',
    );
    for (const code of ['ipv6', 'proc', 'overlay-attributes', 'bind', 'mask']) {
      expect(sentence(code, 'EPERM', '/x')).toMatch(/^[A-Z/].*\.$/);
    }
  });

  it('is not told where something else does the same', () => {
    expect(sentence('overlay', 'EINVAL', '/run')).toBeUndefined();
    expect(sentence('absent', 'ENOENT', '/home/nobody')).toBeUndefined();
  });
});

it('names what a request leaves open', () => {
  const request = {
    projectDirectory: '/app',
    homeDirectory: '/',
    binds: new Map(),
    hiddenUnixSockets: 'none',
  } as const;
  expect(requestLimits(request)).toEqual([
    'Outside the project and the home directory the service can write where its user may.',
    'Unix sockets of the host can be reached, as was asked for.',
    'The home directory is /, so it is not read-only.',
  ]);
});
