/** What services print, each line behind a mark that says whose it is. */

/** `write` gets whole marked text; a line that comes in pieces is marked once. */
export function serviceOutput(
  write: (text: string) => void,
): (stream: 'stdout' | 'stderr', text: string, service?: string) => void {
  /** Whose line has no end yet. */
  let open = '';
  return (stream, text, service) => {
    if (text === '') return;
    const mark = `  ${service === undefined ? '' : `${service} `}${stream === 'stdout' ? '|' : '!'} `;
    const marked = text.replace(/^(?=[\s\S])/gm, (_, at: number) => (at === 0 && open === mark ? '' : mark));
    write(open === '' || open === mark ? marked : `\n${marked}`);
    open = text.endsWith('\n') ? '' : mark;
  };
}
