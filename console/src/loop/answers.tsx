import type { JSX } from 'preact';
import type { AnswerView, RowsView } from '../../../src/seal/view-schema.ts';
import { Recorded } from './recorded-text.tsx';

/** What a command was answered, as far as the view shows it: rows in a table, a reply of Redis as its command line writes it. */
export function Answers({ answers }: { readonly answers: readonly AnswerView[] }): JSX.Element {
  return (
    <>
      {answers.map((answer, index) => {
        const name = answers.length === 1 ? 'Rows of the answer' : `Rows of answer ${index + 1}`;
        return answer.kind === 'rows' ? (
          <Rows key={index} name={name} rows={answer} />
        ) : (
          <div key={index}>
            <pre class="body-text" tabIndex={0} aria-label="Reply">
              <Recorded text={answer.lines.join('\n')} />
            </pre>
            <More count={answer.linesMore} what="items" />
          </div>
        );
      })}
    </>
  );
}

function Rows({
  name,
  rows: { columns, columnsMore, rows, rowsMore },
}: {
  readonly name: string;
  readonly rows: RowsView;
}): JSX.Element {
  if (columns.length === 0)
    return <p class="said">What the columns are called was not recorded, so that the rows are not shown.</p>;
  return (
    <>
      <div class="rows-box" tabIndex={0} role="region" aria-label={name}>
        <table class="table answer-rows">
          <caption>
            {name}
            {rows.length === 0 && ': none are shown'}
          </caption>
          <Cells columns={columns} rows={rows} />
        </table>
      </div>
      <More count={columnsMore} what="columns" />
      <More count={rowsMore} what="rows" />
    </>
  );
}

function Cells({ columns, rows }: Pick<RowsView, 'columns' | 'rows'>): JSX.Element {
  return (
    <>
      <thead>
        <tr>
          {columns.map((column, index) => (
            <th key={index} scope="col">
              <Recorded text={column} oneLine />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={index}>
            {row.map((cell, at) => (
              <td key={at}>{cell === null ? <i>NULL</i> : <Recorded text={cell} />}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </>
  );
}

function More({ count, what }: { readonly count: number | undefined; readonly what: string }): JSX.Element | null {
  return count === undefined ? null : (
    <p class="said">
      {count} more {what} are not shown.
    </p>
  );
}
