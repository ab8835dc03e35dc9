/** The first bytes of the client tell the version of HTTP. */
import type { ReadAlong } from './along.ts';
import type { HeardCall } from './heard.ts';
import { alongHttp1 } from './http1/along.ts';

export function alongHttp(heard: () => HeardCall): ReadAlong {
  return alongHttp1(heard);
}
