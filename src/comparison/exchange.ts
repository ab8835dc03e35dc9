import type { ExchangeView, MessageView } from '../seal/view-schema.ts';
import { compareBodies, comparePairs } from './body.ts';
import { compareDurations } from './duration.ts';
import type { Findings } from './findings.ts';
import { compareHeaders } from './headers.ts';

export function compareExchanges(left: ExchangeView, right: ExchangeView, findings: Findings): void {
  const told = (path: string, of: (exchange: ExchangeView) => string | number | undefined): void => {
    const [was, is] = [of(left), of(right)];
    findings.compare(path, was === undefined ? undefined : `${was}`, is === undefined ? undefined : `${is}`);
  };
  told('version', ({ vantage }) => vantage.version);
  told('protocol', ({ protocol }) => protocol);
  comparePaths(left.path, right.path, findings);
  told('status', ({ status }) => status);
  told('end', ({ end }) => end);
  told('flags', ({ flags }) => (flags.length === 0 ? undefined : flags.toSorted().join(',')));
  told('details', ({ details }) => details);
  told('attempts', ({ attemptCount }) => attemptCount);
  compareDurations(left, right, findings);
  compareMessages('request', left.request, right.request, findings);
  compareMessages('response', left.response, right.response, findings);
}

/** The folded path is the same, or they were no pair. */
function comparePaths(left: string, right: string, findings: Findings): void {
  const [one, other] = [split(left), split(right)];
  findings.compare('path', one.path, other.path);
  if (one.query !== other.query)
    comparePairs('request.query', new URLSearchParams(one.query), new URLSearchParams(other.query), findings);
}

function split(path: string): { readonly path: string; readonly query: string } {
  const at = path.indexOf('?');
  return at < 0 ? { path, query: '' } : { path: path.slice(0, at), query: path.slice(at + 1) };
}

function compareMessages(
  side: 'request' | 'response',
  left: MessageView | undefined,
  right: MessageView | undefined,
  findings: Findings,
): void {
  if (left === undefined || right === undefined) {
    if (left !== right) findings.compare(side, left && 'recorded', right && 'recorded');
    return;
  }
  compareHeaders(`${side}.headers`, left.headers, right.headers, findings);
  compareBodies(`${side}.body`, left.body, right.body, findings);
  compareHeaders(`${side}.trailers`, left.trailers, right.trailers, findings);
  if (left.complete !== right.complete)
    findings.add(`${side}.complete`, `${left.complete}`, `${right.complete}`, 'value');
}
