/** What the YAML parser says, in words that help with what people write here. */
import type { YAMLError } from 'yaml';

export function yamlMistake(text: string, error: YAMLError): { readonly message: string; readonly hint: string } {
  const [start] = error.pos;
  const from = text.lastIndexOf('\n', Math.max(0, start - 1)) + 1;
  const end = text.indexOf('\n', from);
  const line = text.slice(from, end < 0 ? undefined : end);
  const [, value] = /[:,[{-]\s*([>*&!%@`|][^\s,\]}]*)/.exec(line) ?? [];
  const message = `This is no valid YAML: ${error.message.split('\n')[0] ?? ''}`.replace(/\.?$/, '.');
  if (value !== undefined) return { message, hint: `Put it in quotes: "${value}".` };
  if (error.code === 'TAB_AS_INDENT' || /^ *\t/.test(line))
    return { message, hint: 'Indent with spaces, not with tabs.' };
  if (error.code === 'DUPLICATE_KEY')
    return { message, hint: 'Write the key once; several values are a list: [a, b].' };
  return { message, hint: 'Rules are a list: "- name: …", and below it match and then, equally indented.' };
}
