/** What happens on the stage of one replay: the calls the service makes, and whether the trigger has its answer. */
import type { Answer } from './compare/answer.ts';
import { Bindings } from './match/bindings.ts';
import type { CallLog, ReplayedCall } from './match/call.ts';

export class Stage implements CallLog {
  readonly calls: ReplayedCall[] = [];
  /** What the services make anew, over all peers. */
  readonly bindings = new Bindings();
  answered = false;

  add(call: ReplayedCall): void {
    this.calls.push(call);
  }

  async run(send: () => Promise<Answer>): Promise<Answer> {
    const answer = await send();
    this.answered = true;
    return answer;
  }
}
