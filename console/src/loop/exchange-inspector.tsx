import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { ExchangeView } from '../../../src/seal/view-schema.ts';
import { useQuery } from '../shell/router.ts';
import { Tabs, type Tab } from '../ui/tabs.tsx';
import { framesOf, type Frame } from './body/frames.ts';
import { CopyPanel } from './copy-panel.tsx';
import { MessagePanel } from './message-panel.tsx';
import { StreamPanel } from './stream-panel.tsx';

export interface ExchangeInspectorProps {
  readonly loop: string;
  readonly exchange: ExchangeView;
  readonly failed: boolean;
  readonly start: number;
}

/** What was said in one exchange. The tab and whether bodies are shown as text stand in the address. */
export function ExchangeInspector({ loop, exchange, failed, start }: ExchangeInspectorProps): JSX.Element {
  const { query, set } = useQuery();
  const frames = useMemo(() => framesOf(exchange), [exchange]);
  const tabs = tabsOf(frames);
  const wanted = query.get('tab') ?? (failed ? 'response' : 'request');
  const chosen = tabs.some(({ id }) => id === wanted) ? wanted : 'request';
  const side = chosen === 'response' ? 'response' : 'request';
  return (
    <Tabs label="Parts of the exchange" tabs={tabs} chosen={chosen} choose={(tab) => set({ tab }, { replace: true })}>
      <div class="panel">
        {chosen === 'copy' ? (
          <CopyPanel exchange={exchange} />
        ) : chosen === 'stream' && frames !== undefined ? (
          <StreamPanel key={exchange.id} frames={frames} start={start} cut={isCut(exchange)} />
        ) : (
          <MessagePanel
            key={`${exchange.id} ${side}`}
            loop={loop}
            exchange={exchange}
            side={side}
            raw={query.get('as') === 'text'}
            setRaw={(raw) => set({ as: raw ? 'text' : undefined }, { replace: true })}
          />
        )}
      </div>
    </Tabs>
  );
}

function tabsOf(frames: readonly Frame[] | undefined): readonly Tab[] {
  return [
    { id: 'request', label: 'Request' },
    { id: 'response', label: 'Response' },
    ...(frames === undefined ? [] : [{ id: 'stream', label: `Stream ${frames.length}` }]),
    { id: 'copy', label: 'Copy as' },
  ];
}

function isCut({ request, response }: ExchangeView): boolean {
  return [request, response].some((message) => message?.body.kind === 'text' && message.body.truncated);
}
