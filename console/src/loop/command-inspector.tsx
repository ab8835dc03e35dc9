import type { JSX } from 'preact';
import type { CommandView } from '../../../src/seal/view-schema.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { Answers } from './answers.tsx';
import { Facts } from './facts.tsx';
import { Recorded } from './recorded-text.tsx';
import { duration } from './scale.ts';
import { statementPieces } from './statement.ts';

const SHOWN_VALUE = 60;

/** A command of a database: the statement, its values, and what came of it. */
export function CommandInspector({
  command,
  start,
}: {
  readonly command: CommandView;
  readonly start: number;
}): JSX.Element {
  const { answers = [], error, notices = [], parameters } = command;
  return (
    <>
      {error !== undefined && (
        <p class="failed">
          <b>
            <Recorded text={error.code} oneLine />
          </b>{' '}
          <Recorded text={error.message} />
        </p>
      )}
      <section>
        <div class="body-bar">
          <h3>{isSql(command) ? 'Statement' : 'Command'}</h3>
          <span class="spring" />
          <CopyButton text={command.summary} />
        </div>
        <Statement command={command} />
      </section>
      {parameters !== undefined && <Parameters values={parameters} />}
      <section>
        <h3>Answer</h3>
        <Facts facts={answerFacts(command)} />
        <Answers answers={answers} />
      </section>
      <Notices notices={notices} />
      <Pushed command={command} start={start} />
    </>
  );
}

function Notices({ notices }: { readonly notices: readonly string[] }): JSX.Element | null {
  if (notices.length === 0) return null;
  return (
    <section>
      <h3>Notices</h3>
      {notices.map((notice, index) => (
        <p key={index} class="mono">
          <Recorded text={notice} />
        </p>
      ))}
    </section>
  );
}

function isSql({ protocol }: CommandView): boolean {
  return protocol === 'postgres' || protocol === 'mysql';
}

function answerFacts({ rows, cut, error }: CommandView): readonly (readonly [string, string])[] {
  return [
    ['Result', error === undefined ? 'ok' : `error ${error.code}`],
    ...(rows === undefined ? [] : [['Rows', String(rows)] as const]),
    ...(cut === true ? [['Cut', 'The rest of the answer was not kept.'] as const] : []),
  ];
}

function Statement({
  command: { summary, parameters = [], protocol },
}: {
  readonly command: CommandView;
}): JSX.Element {
  return (
    <pre class="body-text" tabIndex={0}>
      {statementPieces(summary, protocol).map(({ text, parameter }, index) =>
        parameter === undefined ? (
          <Recorded key={index} text={text} />
        ) : (
          <span key={index} class="placeholder" title={titleOf(parameters[parameter])}>
            {text}
          </span>
        ),
      )}
    </pre>
  );
}

function titleOf(value: string | null | undefined): string {
  if (value === undefined) return 'not in the view';
  return value === null ? 'NULL' : value.slice(0, SHOWN_VALUE);
}

function Parameters({ values }: { readonly values: readonly (string | null)[] }): JSX.Element {
  return (
    <section>
      <h3>Parameters</h3>
      <table class="named values">
        <caption class="unseen">Values bound to the statement</caption>
        <tbody>
          {values.map((value, index) => (
            <tr key={index}>
              <th scope="row">${index + 1}</th>
              <td>{value === null ? <i>NULL</i> : <Recorded text={value} oneLine />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Pushed({
  command: { pushed = [], pushedMore },
  start,
}: {
  readonly command: CommandView;
  readonly start: number;
}): JSX.Element | null {
  if (pushed.length === 0) return null;
  return (
    <section>
      <h3>Sent later, unasked</h3>
      <ol class="frames">
        {pushed.map(({ at, channel, text }, index) => (
          <li key={index} class="server">
            <span class="frame-from">{channel === undefined ? '' : <Recorded text={channel} oneLine />}</span>
            <time class="muted" dateTime={new Date(at).toISOString()}>
              {duration(at - start)}
            </time>
            <div class="frame-text mono">
              <Recorded text={text} />
            </div>
          </li>
        ))}
      </ol>
      {pushedMore !== undefined && <p class="said">{pushedMore} more are not shown.</p>}
    </section>
  );
}
