/** The OpenAPI document of a server, as one who only has the document uses it. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

export interface Json {
  readonly [key: string]: Json;
}

/** Of the JSON that the operation answers with; undefined where it answers with none. */
export function answerValidator(document: Json, operation: string): ValidateFunction | undefined {
  const ajv = new Ajv2020({ strict: false, formats: { uri: true } });
  const described = Object.values(document['paths'] ?? {}).flatMap((methods) => Object.values(methods));
  const { responses = {} } = described.find(({ operationId }) => (operationId as unknown) === operation) ?? {};
  const [, good] = Object.entries(responses).find(([status]) => status.startsWith('2')) ?? [];
  const schema = good?.['content']?.['application/json']?.['schema'];
  return schema && ajv.compile(schema);
}
