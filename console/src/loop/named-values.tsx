import type { JSX } from 'preact';
import type { Field } from './body/form.ts';
import { Recorded } from './recorded-text.tsx';

/** Names and values in two columns: headers, fields of a form, parameters. */
export function NamedValues({
  caption,
  values,
}: {
  readonly caption: string;
  readonly values: readonly Field[];
}): JSX.Element {
  return (
    <table class="named">
      <caption class="unseen">{caption}</caption>
      <tbody>
        {values.map(({ name, value }, index) => (
          <tr key={index}>
            <th scope="row">
              <Recorded text={name} oneLine />
            </th>
            <td>
              <Recorded text={value} oneLine />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
