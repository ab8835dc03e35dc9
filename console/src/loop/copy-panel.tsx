import type { JSX } from 'preact';
import type { ExchangeView } from '../../../src/seal/view-schema.ts';
import { Command } from '../ui/command.tsx';
import { curlCommand } from './copy/curl.ts';
import { grpcurlCommand } from './copy/grpcurl.ts';
import { headerOf, type Copied } from './copy/recorded.ts';

/** The request as commands of other tools. */
export function CopyPanel({ exchange }: { readonly exchange: ExchangeView }): JSX.Element {
  if (exchange.request === undefined) return <p class="muted">No request is here that could be sent again.</p>;
  const grpcurl = isGrpc(exchange) ? grpcurlCommand(exchange) : undefined;
  return (
    <>
      {grpcurl !== undefined && <As title="grpcurl" copied={grpcurl} />}
      <As title="curl" copied={curlCommand(exchange)} />
      <p class="muted">
        For a POSIX shell. It is sent to the address that was recorded: change it to where your service listens. Secrets
        are not in the readable view; a replay has them.
      </p>
    </>
  );
}

function As({ title, copied: { command, notes } }: { readonly title: string; readonly copied: Copied }): JSX.Element {
  return (
    <section>
      <h3>{title}</h3>
      <Command text={command} />
      {notes.length > 0 && (
        <ul class="notes">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

function isGrpc({ request }: ExchangeView): boolean {
  return /^application\/grpc(?:\+|;|\s|$)/i.test(headerOf(request, 'content-type') ?? '');
}
