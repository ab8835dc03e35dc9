import { LoopError } from '../domain/errors.ts';

export type EnvoyConfigErrorCode = 'bad-address' | 'bad-version' | 'unsupported-version' | 'bad-option';

/** Options from which no working Envoy configuration can be made. */
export class EnvoyConfigError extends LoopError {
  readonly code: EnvoyConfigErrorCode;

  constructor(code: EnvoyConfigErrorCode, message: string, hint?: string, options?: ErrorOptions) {
    super(message, hint, options);
    this.code = code;
  }
}
