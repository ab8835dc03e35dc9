import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { requestOf } from '../../../src/api/client/call.ts';
import type { Client } from '../api/client.ts';
import type { ApiProblem } from '../api/problem.ts';
import { problemFrom } from '../api/use-answer.ts';
import { useApp } from '../app/context.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import { bytesText } from '../ui/format.ts';
import { BYTES_OF_LINE, hexLines } from './body/hex.ts';
import { imageType } from './body/image.ts';
import { readAtMost, type FirstBytes } from './body/first-bytes.ts';

export interface OriginalProps {
  readonly loop: string;
  readonly exchange: string;
  readonly side: 'request' | 'response';
}

const MOST_BYTES = 1024 * 1024;

type Opened =
  | { readonly kind: 'closed' | 'opening' }
  | { readonly kind: 'open'; readonly bytes: FirstBytes }
  | { readonly kind: 'refused'; readonly problem: ApiProblem };

/** The bytes as they were. Opening them is written into the audit, so it is done on purpose only. */
export function Original(props: OriginalProps): JSX.Element {
  const { client } = useApp();
  const [opened, setOpened] = useState<Opened>({ kind: 'closed' });
  const { path } = requestOf('originalBody', { id: props.loop, exchange: props.exchange, side: props.side });
  const open = (): void => {
    setOpened({ kind: 'opening' });
    firstBytes(client, props).then(
      (bytes) => setOpened({ kind: 'open', bytes }),
      (error: unknown) => setOpened({ kind: 'refused', problem: problemFrom(error) }),
    );
  };
  return (
    <section class="original">
      <div class="body-bar">
        <h3>Original</h3>
        <span class="muted">unredacted; each look is audited</span>
        <span class="spring" />
        {opened.kind !== 'open' && (
          <button type="button" class="button small" onClick={open} disabled={opened.kind === 'opening'}>
            Show bytes
          </button>
        )}
        <a class="button small" href={path} download={`${props.exchange}-${props.side}.bin`}>
          Download
        </a>
      </div>
      {opened.kind === 'refused' && <ErrorBox problem={opened.problem} />}
      {opened.kind === 'open' && <Bytes first={opened.bytes} />}
    </section>
  );
}

async function firstBytes(client: Client, input: OriginalProps): Promise<FirstBytes> {
  const { loop: id, exchange, side } = input;
  const response = await client.send(requestOf('originalBody', { id, exchange, side }));
  return readAtMost(response.body, MOST_BYTES);
}

function Bytes({ first: { bytes, cut } }: { readonly first: FirstBytes }): JSX.Element {
  const [lines, setLines] = useState(64);
  const total = Math.ceil(bytes.length / BYTES_OF_LINE);
  const text = hexLines(bytes, 0, lines)
    .map(({ offset, hex, ascii }) => `${offset}  ${hex.padEnd(48)}  ${ascii}`)
    .join('\n');
  return (
    <>
      {!cut && <Picture bytes={bytes} />}
      {cut && <p class="said">The first {bytesText(bytes.length)} are here; the download has all.</p>}
      <pre class="hex" tabIndex={0} aria-label="Bytes in hexadecimal">
        {text}
      </pre>
      {total > lines && (
        <button type="button" class="button small" onClick={() => setLines(lines * 4)}>
          {total - lines} more lines
        </button>
      )}
    </>
  );
}

/** A picture of a kind that holds no script, under an address that only this page knows. */
function Picture({ bytes }: { readonly bytes: Uint8Array<ArrayBuffer> }): JSX.Element | null {
  const [address, setAddress] = useState<string>();
  const type = imageType(bytes);
  useEffect(() => {
    if (type === undefined) return undefined;
    const made = URL.createObjectURL(new Blob([bytes], { type }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes, type]);
  return address === undefined ? null : (
    <img class="picture" src={address} alt={`The recorded body, as ${type ?? 'an image'}`} />
  );
}
