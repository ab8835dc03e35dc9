/** Good answers of the trigger's route, and what they have in common. */
import type { Exchange } from '../../src/domain/exchange.ts';
import { bodyOf, methodOf, pathOf, statusOf } from '../../src/domain/exchange.ts';
import { grpcStatusOf } from '../../src/domain/grpc.ts';
import { foldPath } from '../../src/domain/route.ts';
import type { Failure } from '../../src/domain/verdict.ts';
import type { Answer } from '../compare/answer.ts';
import type { Recording } from '../plan/plan.ts';
import { contentOf, mediaTypeOf } from './content.ts';
import type { Expectation } from './expectation.ts';
import type { Shape } from './shape.ts';
import { shapeOf } from './shape.ts';

export type Judge = (exchange: Exchange) => Failure | undefined;

/** Of the trigger's service and route, also those inside exemplars of other routes and beside the trigger, and answered well. */
export function exemplarsOf(recording: Recording, trigger: Exchange, judge: Judge): readonly Answer[] {
  const beside = recording.transaction.exchanges.filter(({ id }) => id !== trigger.id);
  return [...recording.exemplars.flatMap(({ exchanges }) => exchanges), ...beside]
    .filter((exchange) => isOfRoute(exchange, trigger))
    .filter((exchange) => wentWell(exchange) && judge(exchange) === undefined)
    .flatMap(recordedAnswer);
}

function recordedAnswer({ response }: Exchange): readonly Answer[] {
  if (response === undefined) return [];
  const status = Number(response.headers.find(({ name }) => name === ':status')?.value);
  return [{ status, headers: response.headers, trailers: response.trailers, body: bodyOf(response) }];
}

function isOfRoute(exchange: Exchange, trigger: Exchange): boolean {
  return (
    exchange.vantage.direction === 'inbound' &&
    exchange.vantage.service === trigger.vantage.service &&
    methodOf(exchange) === methodOf(trigger) &&
    foldPath(pathOf(exchange)) === foldPath(pathOf(trigger))
  );
}

function wentWell(exchange: Exchange): boolean {
  const { response } = exchange;
  return response?.complete === true && (statusOf(exchange) ?? 599) < 400 && (grpcStatusOf(response) ?? 0) === 0;
}

/** Status class, media type and structure; undefined when there is nothing to learn from. */
export function expectationOf(exemplars: readonly Answer[]): Expectation | undefined {
  const [first] = exemplars;
  if (first === undefined) return undefined;
  const contents = exemplars.map(contentOf);
  const values = contents.flatMap((content) =>
    content.kind === 'json' || content.kind === 'grpc' ? [content.value] : [],
  );
  const isGrpc = contents.some(({ kind }) => kind === 'grpc');
  const all = values.length === exemplars.length;
  const shape = all ? shapeOf(values) : undefined;
  return {
    status: distinct(exemplars.map(({ status = 0 }) => `${Math.trunc(status / 100)}xx`)),
    ...(isGrpc && { grpcStatus: 0 }),
    contentType: distinct(exemplars.map((exemplar) => mediaTypeOf(exemplar) ?? null)),
    ...(shape && { schema: isGrpc ? messageShape(shape) : shape }),
    ...(contents.every(({ kind }) => kind !== 'empty') && { content: 'some' as const }),
  };
}

/**
 * Zeros, empty texts and empty lists are not on the wire, and without a schema a text may look like a message: what surely is there, are single
 * parts, of whatever looks.
 */
function messageShape({ required = [], properties = {} }: Shape): Shape {
  const any: Shape = { type: ['null', 'boolean', 'number', 'string', 'array', 'object'] };
  const parts = required.filter((key) => properties[key]?.type.every((kind) => kind === 'object'));
  return { ...any, properties: Object.fromEntries(parts.map((key) => [key, any])), required: parts };
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}
