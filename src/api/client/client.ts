/** The API of a loopd, from afar. */
import { ApiError } from '../error.ts';
import type { LoopApi } from '../port.ts';
import { createCall } from './call.ts';
import { looksRight } from './looks-right.ts';
import { notLoopd } from './remote-errors.ts';
import { Remote, type RemoteOptions } from './remote.ts';

export type ClientOptions = RemoteOptions;

/** Every method rejects with ApiError and nothing else. */
export function createClient(options: ClientOptions): LoopApi {
  const remote = new Remote(options);
  const call = createCall(async (request) => {
    const answer = await remote.send(request);
    if (looksRight(request.operation, answer)) return answer;
    throw notLoopd(options.url, 'its answer has another shape');
  });
  return {
    ...loopsOf(call),
    captures: capturesOf(call),
    tokens: {
      list: async () => (await call('listTokens', {})).tokens,
      create: (asked) => call('createToken', asked),
      revoke: async (id) => call('revokeToken', { id }),
    },
    timeline: async (asked) => (await call('timeline', asked)).entries,
    erase: (asked) => call('erase', asked),
    audit: (asked) => call('audit', asked),
    vitals: () => call('vitals', {}),
  };
}

type Called = ReturnType<typeof createCall>;

function loopsOf(call: Called): Omit<LoopApi, 'captures' | 'tokens' | 'timeline' | 'erase' | 'audit' | 'vitals'> {
  return {
    list: (query) => call('listLoops', query),
    fingerprints: async (query) =>
      (await call('listFingerprints', { ...query, among: query.among && [...query.among] })).fingerprints,
    resolve: async (id) => (await call('resolveLoop', { id: wholePrefix(id) })).id,
    show: async (id) => {
      const { summary, view } = await call('showLoop', { id });
      return { summary, view: JSON.stringify(view) };
    },
    recording: (id, { open }) => call('recordingOfLoop', { id, open }),
    import: (file, { restore = false } = {}) => call('importLoop', { file, ...(restore && { restore }) }),
    testRedaction: (id, rules) => call('testRedaction', { id, rules }),
    testRules: (asked) => call('testRules', asked),
    delete: async (id) => call('deleteLoop', { id }),
    exemplars: async (id) => (await call('exemplarsOfLoop', { id })).loops,
    compare: (id, other) => call('compareLoops', { id, other }),
    har: (id) => call('harOfLoop', { id }),
    originalBody: (id, exchange, side) => call('originalBody', { id, exchange, side }),
  };
}

function capturesOf(call: Called): LoopApi['captures'] {
  return {
    start: (asked) => call('startCapture', asked),
    stop: (id) => call('stopCapture', { id }),
    list: async () => (await call('listCaptures', {})).captures,
    show: (id) => call('showCapture', { id }),
    resolve: async (prefix) => (await call('resolveCapture', { id: wholePrefix(prefix) })).id,
    delete: async (id) => (await call('deleteCapture', { id })).loops,
  };
}

/** Nothing in a path would be another path. */
function wholePrefix(prefix: string): string {
  if (prefix !== '' && !/^\.{1,2}$/.test(prefix)) return prefix;
  throw new ApiError('not-found', `There is no "${prefix}".`, 'loopctl list failures shows what there is.');
}
