import type { JSX } from 'preact';
import { Recorded } from './recorded-text.tsx';

/** Short facts, a name and a value each. */
export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: string])[] }): JSX.Element {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Recorded text={value} oneLine />
          </dd>
        </div>
      ))}
    </dl>
  );
}
