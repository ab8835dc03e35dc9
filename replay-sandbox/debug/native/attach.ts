/** How a person's tools attach to a service below gdbserver. */
import { resolve } from 'node:path';
import type { AttachHelp, DebuggedService } from '../debugger.ts';

export function attachNative(port: number, service: DebuggedService): AttachHelp {
  const [name = ''] = service.command;
  const program = name.includes('/') ? resolve(service.workingDirectory, name) : name;
  const target = `127.0.0.1:${port}`;
  return {
    vscode: {
      type: 'cppdbg',
      request: 'launch',
      name: 'loop replay',
      program,
      cwd: service.workingDirectory,
      MIMode: 'gdb',
      miDebuggerServerAddress: target,
      stopAtConnect: true,
      setupCommands: [{ text: 'set sysroot /' }],
    },
    jetbrains: remoteGdb(program, target),
    // lldb speaks the same protocol: `lldb-dap` and CodeLLDB take `gdb-remote` as their process-create command.
    terminal: `gdb -ex 'set sysroot /' -ex 'target remote ${target}' ${shellWord(program)}`,
  };
}

function remoteGdb(program: string, target: string): string {
  return `<component name="ProjectRunConfigurationManager">
  <configuration default="false" name="loop replay" type="CLion_Remote" version="1" remoteCommand="${escapeXml(target)}" symbolFile="${escapeXml(program)}" sysroot="/">
    <debugger kind="GDB" isBundled="true" />
    <method v="2" />
  </configuration>
</component>
`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
