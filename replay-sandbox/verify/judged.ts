/** Whether an answer just given is a failure, by the rules that judge recorded ones. */
import type { Exchange } from '../../src/domain/exchange.ts';
import type { Failure } from '../../src/domain/verdict.ts';
import type { Answer } from '../compare/answer.ts';
import type { Judge } from './exemplars.ts';

/** The trigger as it would have been recorded with this answer. */
export function judgeAnswer(trigger: Exchange, answer: Answer, judge: Judge): Failure | undefined {
  if (answer.status === undefined) return { kind: 'reset', summary: 'no answer' };
  // A client that left in the recording may leave again.
  const whole = trigger.response?.complete !== false;
  if (answer.brokeOff === true && whole) return { kind: 'reset', summary: 'the answer broke off' };
  const { response: _then, details: _details, brokeOffAt: _brokeOff, logged: _logged, ...asked } = trigger;
  const attributes = Object.entries(trigger.attributes).filter(([name]) => name.startsWith('request.'));
  const at = trigger.startedAt;
  return judge({
    ...asked,
    response: {
      headers: withStatus(answer),
      body: [{ at, bytes: answer.body }],
      trailers: answer.trailers ?? [],
      startedAt: at,
      endedAt: at,
      complete: answer.cut !== true,
    },
    end: 'closed',
    endedAt: at,
    flags: [],
    gaps: [],
    attributes: Object.fromEntries(attributes),
  });
}

function withStatus({ status, headers }: Answer): Answer['headers'] {
  return [{ name: ':status', value: String(status) }, ...headers.filter(({ name }) => name !== ':status')];
}
