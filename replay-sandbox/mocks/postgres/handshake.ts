import { encodeBackend, type Backend, type ReportFields } from '../../../src/wire/postgres/backend.ts';

/** What a server of today tells when the recording does not say. */
export const PARAMETERS: ReadonlyMap<string, string> = new Map([
  ['server_version', '17.0'],
  ['server_encoding', 'UTF8'],
  ['client_encoding', 'UTF8'],
  ['DateStyle', 'ISO, MDY'],
  ['IntervalStyle', 'postgres'],
  ['TimeZone', 'UTC'],
  ['integer_datetimes', 'on'],
  ['standard_conforming_strings', 'on'],
]);

/** The only version spoken here, 3.0; a client that offers a newer one is told. */
const VERSION = 0x30000;

export interface Startup {
  readonly version: number;
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** Stands for a connection when it is to be cancelled. */
export interface CancelKey {
  readonly process: number;
  readonly secret: Uint8Array;
}

/** What a client is told of its session when it is let in. */
export function sessionParameters(
  startup: Startup,
  recorded: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  // Of what the client asks for, only its name comes back as it was spelled.
  const named = startup.parameters.filter(([name]) => name === 'application_name');
  return new Map([...PARAMETERS, ...recorded, ...named]);
}

/** Everything from AuthenticationOk to ReadyForQuery. */
export function welcome(
  startup: Startup,
  parameters: ReadonlyMap<string, string>,
  { process, secret }: CancelKey,
): readonly Uint8Array[] {
  const messages: readonly Backend[] = [
    ...negotiation(startup),
    { kind: 'authentication', code: 0, data: new Uint8Array(0) },
    ...[...parameters].map(([name, value]) => ({ kind: 'parameter-status', name, value }) as const),
    { kind: 'backend-key', process, secret },
    { kind: 'ready', status: 'I' },
  ];
  return messages.map(encodeBackend);
}

function negotiation({ version, parameters }: Startup): readonly Backend[] {
  const unknown = parameters.map(([name]) => name).filter((name) => name.startsWith('_pq_.'));
  if (version <= VERSION && unknown.length === 0) return [];
  return [{ kind: 'negotiate-version', newest: VERSION, unknown }];
}

/** An error of the mock's own. Severity stands twice: for people, and unlocalised for programs. */
export function errorResponse(code: string, message: string, ...more: ReportFields): Uint8Array {
  return encodeBackend({
    kind: 'error',
    fields: [['S', 'ERROR'], ['V', 'ERROR'], ['C', code], ['M', message], ...more],
  });
}

/** One that ends the connection. */
export function fatalResponse(code: string, message: string): Uint8Array {
  return encodeBackend({
    kind: 'error',
    fields: [
      ['S', 'FATAL'],
      ['V', 'FATAL'],
      ['C', code],
      ['M', message],
    ],
  });
}

/** What the first line says, the rest explains. */
export function missResponse(explanation: readonly string[]): Uint8Array {
  const [what = '', ...rest] = explanation;
  const hint = rest.filter((line) => line.startsWith('Try: '));
  const detail = [what, ...rest.filter((line) => !line.startsWith('Try: '))];
  return errorResponse(
    'XX000',
    'loop replay: no recorded answer',
    ['D', detail.join('\n')],
    ...hint.map((line) => ['H', line] as const),
  );
}
