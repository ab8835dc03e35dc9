/** gRPC of Python. */
import { pythonPath } from './python-packages.ts';

const VERSION = '1.85.1';

/** What to set PYTHONPATH to. Throws as pythonPath does. */
export function grpcioPath(): string {
  return of('grpcio', ['grpcio']);
}

/** The same with protoc (`python3 -m grpc_tools.protoc`) and server reflection. */
export function grpcioToolsPath(): string {
  return of('grpcio-tools', ['grpcio', 'grpcio-tools', 'grpcio-reflection']);
}

function of(name: string, packages: readonly string[]): string {
  const requirements = packages.map((one) => `${one}==${VERSION}`);
  return pythonPath({ name: `${name}-${VERSION}`, requirements, module: 'grpc' });
}
