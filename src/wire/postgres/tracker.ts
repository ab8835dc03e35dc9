import type { ConversationTracker } from '../protocol.ts';
import { EMPTY } from '../bytes.ts';
import { encodeBackend, type TransactionStatus } from './backend.ts';
import { encodeFrontend } from './frontend.ts';
import type { Side } from './framing.ts';
import type { Portal, Statement } from './held.ts';
import { Session } from './session.ts';

/** Of one connection. JDBC's driver keeps 256 prepared statements and 5 MiB per connection by default; what is in use is far less. */
const PINNED_BYTES = 262_144;

type Stated = { readonly side: Side; readonly bytes: Uint8Array };

/** Follows a live connection on the ingest thread: skims, and holds what is prepared, bounded. */
export function createPostgresTracker(): ConversationTracker {
  const session = new Session(() => undefined, { reading: 'skim', preparedBytes: PINNED_BYTES });
  return {
    bytes(side, chunk) {
      const anchor = session.quiet;
      return session.feed(side, chunk) || anchor;
    },
    answers: () => session.answers,
    errors: () => session.errors,
    gap: () => session.lose(),
    state: () => (session.phase === 'opaque' || session.startup === undefined ? [] : stateOf(session, session.startup)),
  };
}

/**
 * A short conversation that leads a codec to where the session is. Neither password nor cancel key is in it. A statement the client only
 * described through a portal comes without its ParameterDescription.
 */
function stateOf(session: Session, startup: Uint8Array): readonly Stated[] {
  const parameters = [...session.parameters].map(([name, value]) =>
    server(encodeBackend({ kind: 'parameter-status', name, value })),
  );
  const status = session.inTransaction ? 'T' : 'I';
  return [
    client(startup),
    server(encodeBackend({ kind: 'authentication', code: 0, data: EMPTY })),
    ...parameters,
    server(encodeBackend({ kind: 'ready', status })),
    ...(session.inTransaction ? session.prepared.portals.flatMap(statePortal) : []),
    ...session.prepared.statements.flatMap((statement) => stateStatement(statement, status)),
  ];
}

function stateStatement({ name, parse, parameters, rows }: Statement, status: TransactionStatus): Stated[] {
  const described = rows === undefined ? [] : [parameters, rows].filter((bytes) => bytes !== undefined);
  const describe = encodeFrontend({ kind: 'describe', target: 'statement', name });
  return [
    client(parse),
    ...(rows === undefined ? [] : [client(describe)]),
    client(encodeFrontend({ kind: 'sync' })),
    server(encodeBackend({ kind: 'parse-complete' })),
    ...described.map(server),
    server(encodeBackend({ kind: 'ready', status })),
  ];
}

/** With its own statement in front, whose name may by now stand for another one. */
function statePortal({ bind, statement }: Portal): Stated[] {
  if (statement === undefined) return [];
  return [
    ...stateStatement(statement, 'T'),
    client(bind),
    client(encodeFrontend({ kind: 'sync' })),
    server(encodeBackend({ kind: 'bind-complete' })),
    server(encodeBackend({ kind: 'ready', status: 'T' })),
  ];
}

function client(bytes: Uint8Array): Stated {
  return { side: 'client', bytes };
}

function server(bytes: Uint8Array): Stated {
  return { side: 'server', bytes };
}
