import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../../../src/verdict/rules-file/command-schema.ts';
import { readRules } from '../../../../src/verdict/rules-file/read.ts';
import { conversationProtocol } from '../../../../src/wire/protocols.ts';
import { mistakesIn, rulesOf } from '../../../support/rules.ts';

describe('rules.yaml', () => {
  it('is made plain: shorthands become lists, ranges and numbers', () => {
    const [rule] = rulesOf(`
- name: everything
  match:
    service: orders
    direction: outbound
    peer: [stripe.com, "*.adyen.com"]
    route: [post /orders/*, "**"]
    status: [404, 5xx, ">=500", "<200", 301-303]
    grpc: [UNAVAILABLE, 13]
    flags: uf
    requestHeader: { name: X-Tenant, is: 7 }
    responseHeader: [{ name: x-result, absent: true }]
    body: { path: $.errors, exists: true, minLength: 1 }
    slower: 1.5s
    failed: false
  then: failure-unless-swallowed
`).rules;
    expect(rule?.rule).toEqual({
      name: 'everything',
      consequence: 'failure-unless-swallowed',
      match: {
        service: ['orders'],
        direction: 'outbound',
        peer: ['stripe.com', '*.adyen.com'],
        route: [{ method: 'POST', path: '/orders/*' }, { path: '**' }],
        status: [
          { from: 404, to: 404 },
          { from: 500, to: 599 },
          { from: 500, to: 599 },
          { from: 100, to: 199 },
          { from: 301, to: 303 },
        ],
        grpc: [14, 13],
        flags: ['UF'],
        requestHeader: [{ name: 'x-tenant', is: '7' }],
        responseHeader: [{ name: 'x-result', absent: true }],
        body: [
          { path: '$.errors', steps: [{ kind: 'name', name: 'errors' }], clue: '"errors"', exists: true, minLength: 1 },
        ],
        slower: 1500,
        failed: false,
      },
    });
  });

  it('has commands as globs on code, line and protocol', () => {
    const [rule] = rulesOf(
      '- { name: a, match: { command: { error: [23505, "40*"], summary: "INSERT*", protocol: postgres } }, then: failure }',
    ).rules;
    expect(rule?.rule.match.command).toEqual({
      error: ['23505', '40*'],
      summary: ['INSERT*'],
      protocol: ['postgres'],
    });
    const [bare] = rulesOf('- { name: a, match: { command: { error: WRONGTYPE } }, then: failure }').rules;
    expect(Object.keys(bare?.rule.match.command ?? {})).toEqual(['error']);
    expect(PROTOCOLS.map((name) => conversationProtocol(name)?.name)).toEqual(PROTOCOLS);
  });

  it('may be empty', () => {
    expect(rulesOf('# nothing yet\n').rules).toEqual([]);
  });
});

describe('a mistake is told with its line and what to write', () => {
  it.each([
    [
      'an unknown key',
      '- name: a\n  match: { servise: x }\n  then: fine',
      '2:12 There is no key "servise" here. → Did you mean service?',
    ],
    [
      'a condition in the wrong place',
      '- name: a\n  status: 404\n  match: { service: x }\n  then: fine',
      '2:3 status is a condition. → Write it below match: match: { status: … }.',
    ],
    [
      'what is missing',
      '- name: a\n  match: { status: 404 }',
      '1:3 then is missing. → Write then: failure, fine or failure-unless-swallowed.',
    ],
    [
      'a word that is none',
      '- name: a\n  match: { status: 404 }\n  then: fail',
      '3:9 then is none of failure, fine, failure-unless-swallowed. → Write one of failure, fine, failure-unless-swallowed.',
    ],
    [
      'a star without quotes',
      '- name: a\n  match:\n    service: *\n  then: fine',
      '3:14 This is no valid YAML: Alias cannot be an empty string. → Put it in quotes: "*".',
    ],
    [
      'a comparison without quotes',
      '- name: a\n  match:\n    status: >=500\n  then: failure',
      '3:14 This is no valid YAML: Block scalar header includes extra characters: >=500. → Put it in quotes: ">=500".',
    ],
    [
      'a duration without unit',
      '- name: a\n  match:\n    slower: 2\n  then: failure',
      '3:13 2 is no duration. → Write the unit, too: 2s or 2ms.',
    ],
    [
      'a look-behind',
      '- name: a\n  match:\n    body: { path: $.a, matches: "(?<=x)" }\n  then: failure',
      expect.stringMatching(/^3:33 The pattern is not valid: .* → Patterns are RE2/),
    ],
    [
      'two rules of one name',
      '- { name: a, match: { status: 404 }, then: failure }\n- { name: a, match: { status: 409 }, then: failure }',
      '2:11 There are two rules named a; the first is in line 1. → Give one of them another name.',
    ],
    [
      'a rule that can never match',
      '- { name: a, match: { status: 5xx }, then: fine }\n- { name: b, match: { service: orders, status: 503 }, then: failure }',
      '2:21 The rule b can never match: a, before it, takes everything that it would. → Put b in front of a, or remove it.',
    ],
    [
      'a rule that would keep what went well',
      '- { name: a, match: { service: recommendations }, then: failure-unless-swallowed }',
      expect.stringMatching(
        /^1:21 This rule would make a failure of every exchange there, good ones too\. → Say which: failed: true/,
      ),
    ],
    [
      'a command without an error',
      '- name: a\n  match:\n    command: { summary: "insert*" }\n  then: failure',
      '3:14 command needs error: commands that went well are not looked at. → Write the code, or a pattern of codes: command: { error: "23*" }; error: "*" is any.',
    ],
    [
      'an unknown key of a command',
      '- name: a\n  match:\n    command: { error: "23*", sumary: x }\n  then: failure',
      '3:30 There is no key "sumary" here. → Did you mean summary?',
    ],
    [
      'a code that is none',
      '- name: a\n  match:\n    command: { error: [23505, duplicate key] }\n  then: failure',
      expect.stringMatching(/^3:31 "duplicate key" is no code of an error\. → Write an SQLSTATE/),
    ],
    [
      'a protocol that is none',
      '- name: a\n  match:\n    command: { error: "*", protocol: postgress }\n  then: failure',
      '3:38 "postgress" is no protocol whose commands are read. → Write postgres.',
    ],
    [
      'a command of an outbound exchange',
      '- { name: a, match: { direction: outbound, command: { error: "*" } }, then: failure }',
      '1:21 Commands are made for an inbound exchange: an outbound one has none. → Leave out direction and peer; service is who made the command.',
    ],
    [
      'a rule behind one with the same command',
      '- { name: a, match: { command: { error: "*" } }, then: fine }\n- { name: b, match: { command: { error: "*" }, status: 200 }, then: failure }',
      expect.stringMatching(/^2:21 The rule b can never match: a, before it/),
    ],
    [
      'no condition at all',
      '- { name: a, match: {}, then: fine }',
      expect.stringMatching(/^1:21 A rule without a condition/),
    ],
    [
      'a path with a filter',
      '- name: a\n  match:\n    body: { path: "$.a[?(@.b)]", exists: true }\n  then: failure',
      expect.stringMatching(/^3:19 \$\.a\[\?\(@\.b\)\] is no JSON path: filters/),
    ],
    [
      'a status that is none',
      '- { name: a, match: { status: 5x }, then: failure }',
      expect.stringMatching(/^1:31 "5x" is no status\. → Write a number/),
    ],
    [
      'a flag that is none',
      '- { name: a, match: { flags: XX }, then: failure }',
      expect.stringMatching(/^1:30 "XX" is no response flag of Envoy/),
    ],
    [
      'an alias',
      '- &a { name: a, match: { status: 404 }, then: failure }\n- *a',
      expect.stringMatching(/^2:3 An alias/),
    ],
    ['tabs', '- name: a\n\tmatch: {}', expect.stringContaining('tabs')],
    ['no list', 'name: a', expect.stringMatching(/^1:1 This is no list of rules/)],
  ])('%s', (_what, yaml, told) => {
    expect(mistakesIn(yaml)[0]).toEqual(told);
  });

  it('all of them at once, in order', () => {
    const told = mistakesIn('- name: a\n  match: { status: 9 }\n  then: no\n- nme: b\n');
    expect(told.map((text) => text.split(' ', 1)[0])).toEqual(['2:20', '3:9', '4:3', '4:3', '4:3', '4:3']);
  });

  it('a rule behind one that takes only part of it is none', () => {
    expect(
      mistakesIn(`
- { name: a, match: { service: orders, status: 5xx }, then: fine }
- { name: b, match: { service: "*", status: 503 }, then: failure }
- { name: c, match: { service: orders, direction: outbound, status: 500 }, then: failure }
- { name: d, match: { route: /a/*, status: 404 }, then: failure }
- { name: e, match: { route: "/a/**", status: 404 }, then: failure }`),
    ).toEqual([]);
  });

  it('whatever the text is, nothing is thrown', () => {
    const words = [
      '- ',
      'name: ',
      'match: ',
      '{',
      '}',
      '[',
      ']',
      '*',
      '&a',
      ': ',
      '\n',
      '  ',
      '"',
      '!',
      '|',
      '>',
      'a',
      '$.',
      '1',
    ];
    const soup = fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((all) => all.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.string(), soup), (text) => {
        const read = readRules(text);
        const places = read.kind === 'mistakes' ? read.mistakes.flatMap(({ line, column }) => [line, column]) : [];
        expect(places.every((place) => place > 0)).toBe(true);
      }),
    );
  });
});

describe('the rules of docs/CONFIGURATION.md', () => {
  it('are right, every one', () => {
    const page = readFileSync(new URL('../../../../docs/CONFIGURATION.md', import.meta.url), 'utf8');
    const [, yaml = ''] = /## Rules\n[^]*?```yaml\n([^]*?)```/.exec(page) ?? [];
    expect(mistakesIn(yaml)).toEqual([]);
    expect(rulesOf(yaml).rules).toHaveLength(8);
  });
});
