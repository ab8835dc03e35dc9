import { LoopError } from '../../src/domain/errors.ts';

export type IsolationErrorCode =
  | 'unavailable' // this machine does not let us isolate in this way
  | 'no-compiler' // the native helper could not be built
  | 'bind-failed' // a file could not be shown in the sandbox
  | 'set-up-failed' // the sandbox could not be made, for a reason that is not the machine's policy
  | 'port-taken' // somebody in the sandbox listens there already
  | 'refused' // nothing in the sandbox listens there
  | 'command-failed' // the command cannot be executed
  | 'closed'; // the sandbox is gone

/** Everything that goes wrong with a sandbox. */
export class IsolationError extends LoopError {
  override readonly name = 'IsolationError';
  readonly code: IsolationErrorCode;

  constructor(code: IsolationErrorCode, message: string, hint?: string, options?: ErrorOptions) {
    super(message, hint, options);
    this.code = code;
  }
}
