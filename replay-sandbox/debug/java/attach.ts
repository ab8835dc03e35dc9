/** How a person's tools attach to a Java VM. */
import type { AttachHelp } from '../debugger.ts';

export function attachJava(port: number): AttachHelp {
  return {
    vscode: { type: 'java', request: 'attach', name: 'loop replay', hostName: '127.0.0.1', port },
    jetbrains: `<component name="ProjectRunConfigurationManager">
  <configuration default="false" name="loop replay" type="Remote">
    <option name="USE_SOCKET_TRANSPORT" value="true" />
    <option name="SERVER_MODE" value="false" />
    <option name="SHMEM_ADDRESS" />
    <option name="HOST" value="127.0.0.1" />
    <option name="PORT" value="${port}" />
    <option name="AUTO_RESTART" value="false" />
    <method v="2" />
  </configuration>
</component>
`,
    terminal: `jdb -attach 127.0.0.1:${port}`,
  };
}
