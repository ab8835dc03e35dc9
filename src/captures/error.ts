import { LoopError } from '../domain/errors.ts';

/** `limit`: one more, or a larger one, than is allowed. `over`: it has ended already. `no-recorder`: nothing records here. */
export type CaptureErrorCode = 'invalid' | 'limit' | 'not-found' | 'ambiguous' | 'over' | 'no-recorder';

export class CaptureError extends LoopError {
  override readonly name = 'CaptureError';
  readonly code: CaptureErrorCode;

  constructor(code: CaptureErrorCode, message: string, hint: string) {
    super(message, hint);
    this.code = code;
  }
}
