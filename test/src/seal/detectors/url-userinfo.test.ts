import { expect, it } from 'vitest';
import { urlUserinfo } from '../../../../src/seal/detectors/url-userinfo.ts';
import { found } from '../../../support/spans.ts';

it.each([
  ['postgres://app:s3cret@db:5432/shop', ['s3cret']],
  ['redis://:s3cret@cache:6379/0', ['s3cret']],
  ['amqp://u:p@ss:w@rd@mq.example', ['p@ss:w@rd']],
  ['mongodb+srv://u:p%40ss@cluster0.example.net/?w=majority', ['p%40ss']],
  ['https://0123456789abcdef0123@git.example/x.git', ['0123456789abcdef0123']],
  ['"http://u:p@[::1]/" and ftp://v:q@h/', ['p', 'q']],
])('finds in %s', (text, secrets) => {
  expect(found(urlUserinfo, text)).toEqual(secrets);
});

it.each([
  'ssh://git@github.com/x',
  'http://shop:8080/a@b',
  'http://shop:8080/?to=ann@example.org',
  'postgres://app:REDACTED(text.0123456789ab.8)@db/shop',
])('leaves %s', (text) => {
  expect(found(urlUserinfo, text)).toEqual([]);
});
