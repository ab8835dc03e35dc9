/** Answers in HPACK, written once: nothing of the dynamic table is used, so the same bytes are right on every connection. */

/** `:status: 200` of the static table. https://www.rfc-editor.org/rfc/rfc7541#appendix-A */
const STATUS_200 = 0x88;
/** Numbers of names in it. */
const NAME = { status: 8, contentType: 31 } as const;

const GRPC_TYPE = named(NAME.contentType, 'application/grpc');

/** The head of an answer with messages. */
export const OK_HEAD: Uint8Array = Buffer.concat([Buffer.of(STATUS_200), GRPC_TYPE]);

/** https://github.com/grpc/grpc/blob/master/doc/statuscodes.md */
const Status = { ok: 0, resourceExhausted: 8, unimplemented: 12 } as const;

/** What stands behind messages. */
export const TRAILERS: Blocks = blocks((status) => trailers(status));
/** The whole answer, when there are no messages: "Trailers-Only". https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md */
export const TRAILERS_ONLY: Blocks = blocks((status) => Buffer.concat([OK_HEAD, trailers(status)]));

/** For what is no call of gRPC. */
export const UNSUPPORTED_TYPE: Uint8Array = named(NAME.status, '415');

type Blocks = Readonly<Record<keyof typeof Status, Uint8Array>>;

function blocks(of: (status: number) => Uint8Array): Blocks {
  const { ok, resourceExhausted, unimplemented } = Status;
  return { ok: of(ok), resourceExhausted: of(resourceExhausted), unimplemented: of(unimplemented) };
}

function trailers(status: number): Uint8Array {
  return Buffer.concat([Buffer.of(0), text('grpc-status'), text(String(status))]);
}

/** A literal that no table learns, with a name of the static table: four bits of the number, then the rest. */
function named(name: number, value: string): Uint8Array {
  const head = name < 15 ? [name] : [15, name - 15];
  return Buffer.concat([Buffer.from(head), text(value)]);
}

/** Up to 126 bytes, not Huffman coded. */
function text(value: string): Uint8Array {
  return Buffer.concat([Buffer.of(value.length), Buffer.from(value, 'latin1')]);
}
