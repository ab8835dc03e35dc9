/** Variables of a paused frame, as one line of text each. */
import type CDP from 'chrome-remote-interface';
import type { Protocol } from 'devtools-protocol';

export interface Local {
  readonly name: string;
  readonly value: string;
}

const VALUE_CHARACTERS = 200;

/** Locals and blocks around the place, innermost first; an outer variable of the same name is hidden, as in the code. */
export async function readLocals(client: CDP.Client, frame: Protocol.Debugger.CallFrame): Promise<readonly Local[]> {
  const scopes = frame.scopeChain.filter((scope) => scope.type === 'local' || scope.type === 'block');
  const seen = new Map<string, string>();
  for (const scope of scopes) {
    if (scope.object.objectId === undefined) continue;
    const { result } = await client.Runtime.getProperties({ objectId: scope.object.objectId, ownProperties: true, generatePreview: true });
    for (const property of result) {
      if (property.value !== undefined && !seen.has(property.name)) seen.set(property.name, describeValue(property.value));
    }
  }
  return [...seen].map(([name, value]) => ({ name, value }));
}

function describeValue(value: Protocol.Runtime.RemoteObject): string {
  return shorten(value.preview === undefined ? describeLeaf(value) : describePreview(value.preview));
}

function describeLeaf(value: Protocol.Runtime.RemoteObject): string {
  if (value.unserializableValue !== undefined) return value.unserializableValue;
  if (value.type === 'string') return JSON.stringify(value.value);
  return value.type === 'function' ? 'ƒ' : (value.description ?? String(value.value));
}

function describePreview(preview: Protocol.Runtime.ObjectPreview): string {
  const isList = preview.subtype === 'array' || preview.subtype === 'typedarray';
  const members = preview.properties.map((property) => {
    const text = property.valuePreview === undefined ? describeProperty(property) : describePreview(property.valuePreview);
    return isList ? text : `${property.name}: ${text}`;
  });
  const inside = [...members, ...(preview.overflow ? ['…'] : [])].join(', ');
  if (isList) return `[${inside}]`;
  const type = preview.description === undefined || preview.description === 'Object' ? '' : `${preview.description.split('\n')[0] ?? ''} `;
  return `${type}{${inside === '' ? '' : ` ${inside} `}}`;
}

function describeProperty(property: Protocol.Runtime.PropertyPreview): string {
  return property.type === 'string' ? JSON.stringify(property.value ?? '') : (property.value ?? property.type);
}

function shorten(text: string): string {
  return text.length > VALUE_CHARACTERS ? `${text.slice(0, VALUE_CHARACTERS - 1)}…` : text;
}
