/** Configuration as a plain tree, in Envoy's own field names. A key whose value is undefined is left out of the text. */
export type Tree = string | number | boolean | readonly Tree[] | Fields;

export interface Fields {
  readonly [name: string]: Tree | undefined;
}

/** A protobuf Any: Envoy's way of naming the message type of an extension. */
export function typed(message: string, fields: Fields = {}): Fields {
  return { '@type': `type.googleapis.com/${message}`, ...fields };
}

/** A named extension with its typed configuration. */
export function extension(name: string, message: string, fields: Fields = {}): Fields {
  return { name, typed_config: typed(message, fields) };
}
