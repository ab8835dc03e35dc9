import type { JSX } from 'preact';
import type { ExchangeView } from '../../../src/seal/view-schema.ts';
import { useMay } from '../app/context.ts';
import { BodyView } from './body/body-view.tsx';
import { readForm } from './body/form.ts';
import { Headers } from './headers.tsx';
import { NamedValues } from './named-values.tsx';
import { Original } from './original.tsx';

export interface MessagePanelProps {
  readonly loop: string;
  readonly exchange: ExchangeView;
  readonly side: 'request' | 'response';
  readonly raw: boolean;
  readonly setRaw: (raw: boolean) => void;
}

/** One direction of an exchange: body first, for that is what people look for. */
export function MessagePanel({ loop, exchange, side, raw, setRaw }: MessagePanelProps): JSX.Element {
  const mayOpen = useMay('open');
  const message = exchange[side];
  if (message === undefined) return <p class="muted">{NOTHING[side]}</p>;
  const query = side === 'request' ? queryOf(exchange.path) : [];
  const lost = exchange.gaps.filter((gap) => (gap.side === 'client') === (side === 'request'));
  return (
    <>
      {lost.map(({ bytes, reason }, index) => (
        <p class="said" key={index}>
          {bytes} bytes of it are missing: {reason}.
        </p>
      ))}
      {query.length > 0 && (
        <section>
          <h3>Query</h3>
          <NamedValues caption="Query" values={query} />
        </section>
      )}
      <BodyView message={message} raw={raw} setRaw={setRaw} />
      {mayOpen && message.body.kind !== 'empty' && (
        <Original key={`${exchange.id} ${side}`} loop={loop} exchange={exchange.id} side={side} />
      )}
      <Headers title="Headers" headers={message.headers} />
      <Headers title="Trailers" headers={message.trailers} />
    </>
  );
}

const NOTHING = {
  request: 'No request is here: the answer was made before it reached the filter, or it is not yours to see.',
  response: 'No answer is here: none came, or it is not yours to see.',
} as const;

function queryOf(path: string): ReturnType<typeof readForm> {
  const mark = path.indexOf('?');
  return mark < 0 ? [] : readForm(path.slice(mark + 1));
}
