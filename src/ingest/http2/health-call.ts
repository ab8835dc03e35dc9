import type { StreamEvents } from '../../wire/http2/connection.ts';
import { HEALTH } from '../served.ts';
import type { CallHost, Settling } from './call.ts';
import { framed } from './call.ts';
import { OK_HEAD, TRAILERS } from './heads.ts';

/** grpc.health.v1.Health/Check: what is asked is not read, for a sink is one service. */
export class HealthCall implements StreamEvents, Settling {
  readonly #host: CallHost;
  readonly #stream: number;
  readonly #serving: () => boolean;

  constructor(host: CallHost, stream: number, serving: () => boolean) {
    this.#host = host;
    this.#stream = stream;
    this.#serving = serving;
  }

  data(): void {
    // The name of a service.
  }

  ended(): void {
    this.#host.later(this);
  }

  closed(): void {
    // An answer that nobody reads is not sent.
  }

  settle(): void {
    const { peer } = this.#host;
    peer.respond(this.#stream, OK_HEAD, false);
    peer.send(this.#stream, framed(this.#serving() ? HEALTH.serving : HEALTH.notServing), false);
    peer.respond(this.#stream, TRAILERS.ok, true);
  }
}
