/** One line of the call log for a stream, when it is over. */
import type { ReplayedCall } from '../../match/call.ts';
import type { HttpMockOptions } from '../http/peers.ts';
import type { Dialled } from '../mock.ts';
import type { Played } from './playback.ts';

export type Outcome = Pick<ReplayedCall, 'grade' | 'source' | 'exchange' | 'explanation'>;

export type Tell = (outcome: Outcome, played?: Played) => void;

export interface ToldStream {
  readonly protocol: string;
  readonly path: string;
  readonly peer: Dialled;
  readonly options: HttpMockOptions;
}

/** It begins now. What is told first counts: a miss behind a beginning is no end as well. */
export function teller({ protocol, path, peer, options }: ToldStream): Tell {
  const { clock, log, matters } = options;
  const began = clock.now();
  const mattered = matters();
  let told = false;
  return (outcome, played) => {
    if (told) return;
    told = true;
    log.add({
      protocol,
      peer: `${peer.name}:${peer.port}`,
      summary: played === undefined ? path : `${path} (${played.came} sent, ${played.played} received)`,
      matters: mattered,
      ms: clock.now() - began,
      ...outcome,
    });
  };
}
