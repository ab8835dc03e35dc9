import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { MessageView } from '../../../src/seal/view-schema.ts';
import { headerText } from './header-text.ts';
import { NamedValues } from './named-values.tsx';

const FILTER_FROM = 6;

/** Headers, with a filter where there are many. */
export function Headers({
  title,
  headers,
}: {
  readonly title: string;
  readonly headers: MessageView['headers'];
}): JSX.Element | null {
  const [wanted, setWanted] = useState('');
  if (headers.length === 0) return null;
  const text = wanted.trim().toLowerCase();
  const fields = headers.map(({ name, value }) => ({ name, value: headerText(value) }));
  const shown = fields.filter(({ name, value }) => name.includes(text) || value.toLowerCase().includes(text));
  return (
    <section class="headers">
      <div class="body-bar">
        <h3>{title}</h3>
        <span class="muted">{text === '' ? headers.length : `${shown.length} of ${headers.length}`}</span>
        <span class="spring" />
        {headers.length >= FILTER_FROM && (
          <input
            type="search"
            class="small"
            aria-label={`Filter of ${title.toLowerCase()}`}
            placeholder="Filter"
            value={wanted}
            onInput={(event) => setWanted(event.currentTarget.value)}
          />
        )}
      </div>
      <NamedValues caption={title} values={shown} />
    </section>
  );
}
