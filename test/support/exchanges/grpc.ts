/** A gRPC service and its client on grpc-js, seen from outside: message bytes, own metadata, status. */
import * as grpc from '@grpc/grpc-js';
import { half } from './view.ts';
import type { Pairs, View } from './view.ts';
import { grpcFrame } from '../extproc-client.ts';

export interface GrpcService {
  readonly port: number;
  /** The last call. */
  view(): View;
  close(): void;
}

const same = (bytes: Buffer): Buffer => bytes;
const METHODS = ['Works', 'Fails', 'Refuses'] as const;
export type GrpcMethod = (typeof METHODS)[number];

/** `Works` answers with an upper-case copy and a trailer of its own; `Fails` after its headers, `Refuses` before. */
export async function startGrpcService(): Promise<GrpcService> {
  let seen: View = {};
  const server = new grpc.Server();
  const handlers: Record<GrpcMethod, grpc.handleUnaryCall<Buffer, Buffer>> = {
    Works(call, reply) {
      const answer = Buffer.from(call.request.toString().toUpperCase());
      const trailer = new grpc.Metadata();
      trailer.set('x-own', 'trailer');
      call.sendMetadata(ownMetadata(call.metadata));
      seen = {
        ...requestOf(call),
        response: half(
          ownPairs(call.metadata),
          [grpcFrame(answer)],
          [
            ['grpc-status', '0'],
            ['grpc-message', 'OK'],
            ['x-own', 'trailer'],
          ],
        ),
      };
      reply(null, answer, trailer);
    },
    Fails(call, reply) {
      call.sendMetadata(ownMetadata(call.metadata));
      seen = {
        ...requestOf(call),
        response: half(
          ownPairs(call.metadata),
          [],
          [
            ['grpc-status', '13'],
            ['grpc-message', 'kaput'],
          ],
        ),
      };
      reply({ code: grpc.status.INTERNAL, details: 'kaput' });
    },
    Refuses(call, reply) {
      seen = {
        ...requestOf(call),
        response: half(
          [
            ['content-type', 'application/grpc+proto'],
            ['grpc-status', '5'],
            ['grpc-message', 'nobody'],
          ],
          [],
        ),
      };
      reply({ code: grpc.status.NOT_FOUND, details: 'nobody' });
    },
  };
  for (const method of METHODS) server.register(pathOf(method), handlers[method], same, same, 'unary');
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, view: () => seen, close: () => server.forceShutdown() };
}

/** One unary call through Envoy; what its client saw. */
export async function callGrpc(
  origin: string,
  authority: string,
  method: GrpcMethod,
  headers: Pairs,
  message: Buffer,
): Promise<View> {
  const client = new grpc.Client(new URL(origin).host, grpc.credentials.createInsecure(), {
    'grpc.default_authority': authority,
    'grpc.enable_retries': 0,
  });
  const metadata = new grpc.Metadata();
  for (const [name, value] of headers) metadata.add(name, value);
  try {
    return await new Promise<View>((resolve) => {
      let answer: Buffer | undefined;
      let first: Pairs = [];
      const call = client.makeUnaryRequest(
        pathOf(method),
        same,
        same,
        message,
        metadata,
        (_error, value) => (answer = value),
      );
      call.on('metadata', (got: grpc.Metadata) => (first = pairsIn(got)));
      call.on('status', ({ code, details, metadata: last }) => {
        const status: Pairs = [
          ['grpc-status', String(code)],
          ...(details === '' ? [] : [['grpc-message', details] as const]),
        ];
        const request = half([...headers, ['content-type', 'application/grpc']], [grpcFrame(message)]);
        const ended = [...status, ...pairsIn(last)];
        // Trailers-only: the status is in the headers, and there are no trailers.
        const response =
          first.length > 0 ? half(first, answer === undefined ? [] : [grpcFrame(answer)], ended) : half(ended, []);
        resolve({ request, status: 200, response });
      });
    });
  } finally {
    client.close();
  }
}

function pathOf(method: GrpcMethod): string {
  return `/loop.test.Service/${method}`;
}

function requestOf(call: { readonly request: Buffer; readonly metadata: grpc.Metadata }): View {
  return {
    status: 200,
    request: half([...pairsIn(call.metadata), ['content-type', 'application/grpc']], [grpcFrame(call.request)]),
  };
}

function pairsIn(metadata: grpc.Metadata): Pairs {
  return Object.entries(metadata.getMap()).map(([name, value]) => [name, value.toString()]);
}

function ownMetadata(asked: grpc.Metadata): grpc.Metadata {
  const own = new grpc.Metadata();
  own.set('x-own', `answer to ${String(asked.get('x-own')[0])}`);
  return own;
}

function ownPairs(asked: grpc.Metadata): Pairs {
  return [
    ['x-own', `answer to ${String(asked.get('x-own')[0])}`],
    ['content-type', 'application/grpc+proto'],
  ];
}
