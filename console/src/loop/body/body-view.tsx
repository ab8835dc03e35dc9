import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { BodyView as Body, MessageView } from '../../../../src/seal/view-schema.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { bytesText } from '../../ui/format.ts';
import { NamedValues } from '../named-values.tsx';
import { Recorded } from '../recorded-text.tsx';
import { JsonView } from './json-view.tsx';
import type { Part } from './multipart.ts';
import { jsonLine, shownBody, type JsonLine, type ShownBody } from './shown.ts';
import { TextView } from './text-view.tsx';

export interface BodyProps {
  readonly message: MessageView;
  readonly raw: boolean;
  readonly setRaw: (raw: boolean) => void;
}

/** A body by what it is, or as the text it is. */
export function BodyView({ message, raw, setRaw }: BodyProps): JSX.Element {
  const { body } = message;
  const shown = useMemo(() => shownBody(message), [message]);
  if (body.kind === 'empty') return <p class="muted">No body.</p>;
  const isPretty = shown.kind !== 'text' && shown.kind !== 'omitted';
  return (
    <section class="body">
      <div class="body-bar">
        <h3>Body</h3>
        <span class="muted">{factsOf(body, shown)}</span>
        <span class="spring" />
        {isPretty && (
          <button type="button" class="button small" aria-pressed={raw} onClick={() => setRaw(!raw)}>
            As text
          </button>
        )}
        {body.kind === 'text' && <CopyButton text={body.text} label="Copy body" />}
      </div>
      {body.kind === 'text' && body.truncated && (
        <p class="said">Only its beginning is in the readable view; the recording may have more.</p>
      )}
      {!message.complete && <p class="said">Its end was not seen: what is here may not be all of it.</p>}
      {raw && body.kind === 'text' ? <TextView text={body.text} /> : <Pretty body={body} shown={shown} />}
    </section>
  );
}

function factsOf(body: Exclude<Body, { kind: 'empty' }>, shown: ShownBody): string {
  const what =
    shown.kind === 'lines'
      ? `${shown.of}, ${shown.lines.length} message${shown.lines.length === 1 ? '' : 's'}`
      : undefined;
  return [body.contentType, what, bytesText(body.bytes)].filter((one) => one !== undefined).join(' · ');
}

function Pretty({ body, shown }: { readonly body: Body; readonly shown: ShownBody }): JSX.Element {
  const text = body.kind === 'text' ? body.text : '';
  switch (shown.kind) {
    case 'empty':
      return <p class="muted">No body.</p>;
    case 'omitted':
      return <p class="said">It is not shown here: {shown.why}. What cannot be read cannot be redacted.</p>;
    case 'json':
      return <JsonView tree={shown.tree} />;
    case 'lines':
      return <Lines lines={shown.lines} />;
    case 'form':
      return <NamedValues caption="Fields of the form" values={shown.fields} />;
    case 'multipart':
      return <Parts parts={shown.parts} />;
    case 'text':
      return <TextView text={text} />;
  }
}

function Lines({ lines }: { readonly lines: readonly JsonLine[] }): JSX.Element {
  return (
    <ol class="messages">
      {lines.map((line, index) => (
        <li key={index}>
          <span class="muted">{index + 1}</span>
          <LineView line={line} />
        </li>
      ))}
    </ol>
  );
}

export function LineView({ line }: { readonly line: JsonLine }): JSX.Element {
  return line.tree === undefined ? <TextView text={line.text} /> : <JsonView tree={line.tree} />;
}

function Parts({ parts }: { readonly parts: readonly Part[] }): JSX.Element {
  return (
    <ol class="parts">
      {parts.map(({ name, filename, contentType, text }, index) => (
        <li key={index}>
          <h4>
            <Recorded text={name ?? `part ${index + 1}`} oneLine />
            <span class="muted">
              {filename !== undefined && (
                <>
                  {' '}
                  file <Recorded text={filename} oneLine />
                </>
              )}
              {contentType !== undefined && (
                <>
                  {' '}
                  <Recorded text={contentType} oneLine />
                </>
              )}
            </span>
          </h4>
          <LineView line={jsonLine(text)} />
        </li>
      ))}
    </ol>
  );
}
