/** The numbers of HTTP/2. https://www.rfc-editor.org/rfc/rfc9113#section-6 and https://www.rfc-editor.org/rfc/rfc9113#section-7 */

export const Frame = {
  data: 0,
  headers: 1,
  priority: 2,
  resetStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const Flag = { ack: 0x1, endStream: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

export const Setting = {
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;

export const ErrorCode = {
  noError: 0,
  protocolError: 1,
  internalError: 2,
  flowControlError: 3,
  streamClosed: 5,
  frameSizeError: 6,
  refusedStream: 7,
  cancel: 8,
  compressionError: 9,
  enhanceYourCalm: 11,
} as const;

/** Bytes before each payload: length, type, flags, stream. */
export const HEAD_BYTES = 9;
/** Windows of both sides before any SETTINGS, and of the connection until a WINDOW_UPDATE. */
export const DEFAULT_WINDOW = 65_535;
export const LARGEST_WINDOW = 0x7fff_ffff;
export const LARGEST_STREAM = 0x7fff_ffff;
/** What every peer takes. */
export const SMALLEST_MAX_FRAME = 16_384;
export const LARGEST_MAX_FRAME = 0xff_ffff;

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
