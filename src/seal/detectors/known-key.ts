/**
 * Key formats of providers, by the rules of secretlint's recommended preset. The rules are called themselves, without @secretlint/core:
 * core is asynchronous, takes 0.4 ms a text against 0.02 ms for all rules, and obeys `secretlint-disable` comments, which a recorded text
 * may hold. They run offline and report ranges; measured linear on hostile text.
 */
import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import type { Detector, Span } from './detector.ts';

/** Left out: what obeys comments, and what hides a whole URL or block where a detector of ours hides its secret only. */
const LEFT_OUT = /(?:filter-comments|basicauth|database-connection-string|privatekey|rule-aws)$/;

/** The shortest format has 20 characters, and none has a space or a quote in it. */
const CANDIDATE = /[^\s"'<>]{20}/;

/** What a rule asks of the file it is given, and what it is given to report to: @secretlint/types, as far as the rules use it. */
interface Report {
  readonly range: readonly number[];
}

const reported: Span[] = [];
const context = {
  sharedOptions: {},
  createTranslator: () => (messageId: string) => ({ messageId, message: messageId }),
  ignore: () => undefined,
  report: ({ range: [start = 0, end = 0] }: Report) => void reported.push({ start, end }),
};

const created = rules
  .filter(({ meta }) => !LEFT_OUT.test(meta.id))
  .map((rule) => (rule.create as (given: typeof context, options: object) => Rule)(context, {}));

interface Rule {
  file?(source: {
    readonly content: string;
    readonly filePath: string;
    readonly ext: string;
    readonly contentType: 'text';
  }): unknown;
}

/** Tokens of GitHub, GitLab, Slack, Stripe, npm, OpenAI and twenty others. */
export const knownKey: Detector = { name: 'known key format', find };

function* find(text: string): Generator<Span> {
  if (!CANDIDATE.test(text)) return;
  reported.length = 0;
  for (const rule of created)
    rule.file?.({ content: text, filePath: 'recorded.txt', ext: '.txt', contentType: 'text' });
  let done = 0;
  for (const { start, end } of reported.toSorted((one, other) => one.start - other.start || other.end - one.end)) {
    if (start < done || end <= start) continue;
    yield { start, end };
    done = end;
  }
}
