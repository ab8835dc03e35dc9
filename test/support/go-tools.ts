/** A Go compiler and delve for services in tests. */
import { dirname, join } from 'node:path';
import { cached, run } from '../matrix/toolchains/cached.ts';
import { goCompiler } from '../matrix/toolchains/go.ts';

const DELVE = 'github.com/go-delve/delve/cmd/dlv@v1.27.2';

/** PATH with both in front. */
export function goPath(): string {
  const compiler = goCompiler();
  const delve = cached('delve', [DELVE], (partial) =>
    run([compiler, 'install', DELVE], partial, { GOBIN: partial, CGO_ENABLED: '0', GOFLAGS: '-mod=mod' }),
  );
  const folders = [join(delve), ...(compiler.includes('/') ? [dirname(compiler)] : [])];
  return [...folders, process.env['PATH'] ?? ''].join(':');
}
