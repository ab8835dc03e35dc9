/** What is said of a command line that is not right: as every error, a sentence and what to try. */
import type { Command } from 'commander';

/** For a command and all below it. */
export function tellUsage(command: Command): void {
  command.configureOutput({ outputError: (text, write) => write(usageError(text, pathOf(command))) });
  command.commands.forEach(tellUsage);
}

/** Commander's `error: unknown option '--x'` and, on a line of its own, what was perhaps meant. */
export function usageError(text: string, path: string): string {
  const [sentence = '', ...more] = text.trim().split('\n');
  const said = sentence
    .replace(/^error: /, '')
    .replace(' is invalid. ', ' is invalid: ')
    .replace(/\.$/, '');
  const meant = more.map((line) => ` ${line}`).join('');
  return `Error: ${said.charAt(0).toUpperCase()}${said.slice(1)}.${meant}\nTry: ${path} --help\n`;
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
