/** Variables of a paused frame, as one line of text each. */
import type CDP from 'chrome-remote-interface';
import type { Protocol } from 'devtools-protocol';
import type { Local } from '../debugger.ts';
import { RENDER } from './render.ts';

/** Locals and blocks around the place, innermost first; an outer variable of the same name is hidden, as in the code. */
export async function readLocals(client: CDP.Client, frame: Protocol.Debugger.CallFrame): Promise<readonly Local[]> {
  const scopes = frame.scopeChain.filter((scope) => scope.type === 'local' || scope.type === 'block');
  const seen = new Map<string, string>();
  for (const { object } of scopes) {
    if (object.objectId === undefined) continue;
    const { result } = await client.Runtime.getProperties({ objectId: object.objectId, ownProperties: true });
    for (const { name, value } of result) {
      if (value !== undefined && !seen.has(name)) seen.set(name, await describeValue(client, value));
    }
  }
  return [...seen].map(([name, value]) => ({ name, value }));
}

/** One line; of an object, its own data properties. */
export async function describeValue(client: CDP.Client, value: Protocol.Runtime.RemoteObject): Promise<string> {
  if (value.unserializableValue !== undefined) return value.unserializableValue;
  if (value.type === 'string') return JSON.stringify(value.value);
  if (value.objectId === undefined || value.type === 'function' || value.type === 'symbol')
    return value.description ?? String(value.value);
  const { result } = await client.Runtime.callFunctionOn({
    objectId: value.objectId,
    functionDeclaration: RENDER,
    returnByValue: true,
    silent: true,
  });
  return typeof result.value === 'string' ? result.value : (value.description ?? value.type);
}
