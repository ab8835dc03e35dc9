/**
 * A view without what other tenants' services said. Their exchanges stay as places in the tree, with their times; their commands and
 * connections are left out. An outbound exchange is its caller's own, with what the peer answered. Fields are written out: what a later
 * version adds is hidden until somebody thinks about it.
 */
import type { ExchangeView, LoopView } from '../../seal/view-schema.ts';
import { HIDDEN, HIDDEN_HOLE } from './hidden.ts';

type Sees = (service: string) => boolean;

export function maskView(view: LoopView, sees: Sees): LoopView {
  const own = <Part extends { readonly vantage: { readonly service: string } }>(part: Part) =>
    sees(part.vantage.service);
  const visible = new Set(view.exchanges.filter(own).map(({ id }) => id));
  const commands = view.commands.filter((command) => own(command) && visible.has(command.exchange));
  const conversations = view.conversations.filter(own);
  const places = new Set([...visible, ...[...commands, ...conversations].map(({ id }) => id)]);
  const { version, id, transaction, entry, outcome, fingerprint } = view;
  const originShown = view.failures.some(({ role, exchange }) => role === 'origin' && visible.has(exchange));
  return {
    version,
    id,
    transaction,
    ...(entry !== undefined && { entry }),
    outcome,
    ...(fingerprint !== undefined && originShown && { fingerprint }),
    exchanges: view.exchanges.map((exchange) => maskExchange(exchange, visible)),
    commands,
    conversations,
    failures: view.failures.map((failure) => (visible.has(failure.exchange) ? failure : maskFailure(failure))),
    holes: maskHoles(view.holes, places),
  };
}

function maskExchange(exchange: ExchangeView, visible: ReadonlySet<string>): ExchangeView {
  const link = maskLink(exchange, visible);
  if (visible.has(exchange.id)) return { ...exchange, ...link };
  const { id, startedAt, endedAt, vantage } = exchange;
  return {
    id,
    ...link,
    vantage: { service: HIDDEN, instance: HIDDEN, direction: vantage.direction },
    peer: { name: HIDDEN },
    protocol: HIDDEN,
    method: HIDDEN,
    path: HIDDEN,
    flags: [],
    startedAt,
    endedAt,
    end: HIDDEN,
    gaps: [],
  };
}

/** The evidence of a placement has names of fields in it, of both ends. */
function maskLink({ id, parent }: ExchangeView, visible: ReadonlySet<string>): Pick<ExchangeView, 'parent'> {
  if (parent === undefined) return {};
  const { exchange, confidence, flow } = parent;
  const told = visible.has(id) && visible.has(exchange);
  return {
    parent: { exchange, confidence, ...(flow && { flow: told ? flow : { certainty: flow.certainty, evidence: [] } }) },
  };
}

function maskFailure({ exchange, role }: LoopView['failures'][number]): LoopView['failures'][number] {
  return { exchange, role, kind: HIDDEN, summary: HIDDEN };
}

/** What is missing of the transaction as a whole names whoever it is missing of. */
function maskHoles(holes: LoopView['holes'], places: ReadonlySet<string>): LoopView['holes'] {
  const told = holes.filter(({ where }) => places.has(where));
  return told.length === holes.length ? told : [...told, { where: 'transaction', what: HIDDEN_HOLE }];
}
