/** What two exchanges, or two commands, of two recordings have in common when they are the same step. */
import { masked } from '../domain/noise.ts';
import { foldPath } from '../domain/route.ts';
import type { CommandView, ExchangeView } from '../seal/view-schema.ts';
import { withoutTokens } from './values.ts';

const SHOWN = 100;

/** Unambiguous: parts of it are recorded text. */
export function hopOf({ vantage, peer, method, path }: ExchangeView): string {
  return JSON.stringify([vantage.service, vantage.direction, peerOf(vantage, peer), method, foldPath(path)]);
}

export function exchangeLabel({ vantage, peer, method, path }: ExchangeView): string {
  const who = vantage.direction === 'inbound' ? `→ ${vantage.service}` : `${vantage.service} → ${peer.name}`;
  return `${who}: ${method} ${foldPath(path)}`.slice(0, SHOWN);
}

/** The statement without the values in it. */
export function stepOf({ vantage, peer, protocol, summary }: CommandView): string {
  return JSON.stringify([vantage.service, peer.name, protocol, statementShape(summary)]);
}

export function commandLabel({ vantage, peer, summary }: CommandView): string {
  return `${vantage.service} → ${peer.name}: ${summary.replace(/\s+/g, ' ')}`.slice(0, SHOWN);
}

/** Whom an inbound exchange came from is no part of it: addresses change, and there is one hop only. */
function peerOf({ direction }: ExchangeView['vantage'], { name }: ExchangeView['peer']): string {
  return direction === 'inbound' ? '' : name;
}

function statementShape(summary: string): string {
  return masked(withoutTokens(summary))
    .replace(/'(?:[^']|'')*'/g, '?')
    .replace(/\d+/g, '?');
}
