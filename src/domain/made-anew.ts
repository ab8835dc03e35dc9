/** Values that are made anew by whoever asks, known by the name they stand under: signatures, idempotency keys, ids of one call. */

const ANEW =
  /(?:^|[._\-[])(?:signature|sig|hmac|nonce|amz-credential|amz-security-token|idempotency[-_]?key|request[-_]?id|correlation[-_]?id|invocation[-_]?id)\]?$/i;
/** No sentence, and no small number. */
const OPAQUE = /^[\w+/=.~:%-]{8,}$/;

/** `where` ends in the name: `query.X-Amz-Signature`, `body.idempotencyKey`. */
export function isMadeAnew(where: string, recorded: string, asked: string): boolean {
  return ANEW.test(where) && OPAQUE.test(recorded) && OPAQUE.test(asked);
}

/** Headers whose value names what is asked, or the asking itself. None of them tells two questions apart. */
const NAMING = /^(?:idempotency-key|x-idempotency-key|x-request-id|x-correlation-id|amz-sdk-invocation-id)$/;

export function isNamingHeader(name: string): boolean {
  return NAMING.test(name);
}
