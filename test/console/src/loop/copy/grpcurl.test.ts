import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { grpcurlCommand } from '../../../../../console/src/loop/copy/grpcurl.ts';
import { exchangeView, messageView } from '../../../../support/console-views.ts';

const PATH = '/shop.v1.Pricing/Quote';

function call(text: string, headers: readonly (readonly [string, string])[] = []) {
  const own = [[':authority', 'pricing.shop:50051'], ['content-type', 'application/grpc'], ...headers];
  const request = messageView(text, 'application/grpc', {
    headers: own.map(([name = '', value = '']) => ({ name, value })),
  });
  return exchangeView('a.1', { method: 'POST', path: PATH, protocol: 'http/2', request });
}

/** Arguments and standard input that a shell gives to the program. */
function given(command: string): { readonly words: readonly string[]; readonly input: string } {
  const shown = String.raw`grpcurl() { printf '%s\037' "$@"; printf '\036'; cat; }`;
  const [words = '', input = ''] = execFileSync('sh', ['-c', `${shown}; ${command}`], { input: '' })
    .toString()
    .split('\u001e');
  return { words: words.split('\u001f').slice(0, -1), input };
}

describe('a call copied as grpcurl', () => {
  test('is one message as an argument', () => {
    const copied = grpcurlCommand(call('{"customer":"it\'s $(id)"}', [['x-tenant', "a'b"]]));
    expect(given(copied?.command ?? '')).toEqual({
      words: [
        '-plaintext',
        '-H',
        "x-tenant: a'b",
        '-d',
        '{"customer":"it\'s $(id)"}',
        'pricing.shop:50051',
        'shop.v1.Pricing/Quote',
      ],
      input: '',
    });
  });

  test('has several messages on standard input', () => {
    const { words, input } = given(grpcurlCommand(call('{"a":1}\n{"a":"%s"}'))?.command ?? '');
    expect(words.slice(1, 3)).toEqual(['-d', '@']);
    expect(input).toBe('{"a":1}\n{"a":"%s"}');
  });

  test('says when fields have numbers instead of names', () => {
    const numbered =
      'Fields have their numbers here, because loopd has no descriptor of this method: grpcurl wants their names.';
    expect(grpcurlCommand(call('{"1":"x"}'))?.notes).toContain(numbered);
    expect(grpcurlCommand(call('{"a":"x"}'))?.notes).not.toContain(numbered);
  });

  test('there is none for a path that names no method', () => {
    expect(grpcurlCommand({ ...call(''), path: '/a/b/$(id)' })).toBeUndefined();
  });
});
