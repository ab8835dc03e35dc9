import { LoopError } from '../domain/errors.ts';

/**
 * - `tampered`    the bytes are not what was sealed (damage, alteration, or a part in another's place).
 * - `wrong-key`   sealed under another key than the one given.
 * - `unsupported` not sealed bytes, or of a newer version.
 * - `too-large`   would open to more bytes than the cap.
 * - `key-mode`    others may read or replace the key file.
 * - `key-damaged` the key file is not a whole key.
 * - `key-missing` there is no key file.
 * - `key-io`      the device or the permissions of the key file.
 * - `bad-rules`   a redaction rule cannot be used.
 */
export type SealErrorCode =
  | 'tampered'
  | 'wrong-key'
  | 'unsupported'
  | 'too-large'
  | 'key-mode'
  | 'key-damaged'
  | 'key-missing'
  | 'key-io'
  | 'bad-rules';

export class SealError extends LoopError {
  readonly code: SealErrorCode;

  constructor(code: SealErrorCode, message: string, hint?: string, options?: ErrorOptions) {
    super(message, hint, options);
    this.name = 'SealError';
    this.code = code;
  }
}
