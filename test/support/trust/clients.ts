/** One small program per runtime that calls a host by TLS and prints what it heard. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TlsClient {
  readonly name: string;
  readonly command: readonly string[];
}

const PYTHON = `import sys, urllib.request
print(urllib.request.urlopen(sys.argv[1], timeout=20).read().decode())`;

/** A session that does not look at the environment reads certifi's file. */
const REQUESTS = `import sys, requests
session = requests.Session()
session.trust_env = False
print(session.get(sys.argv[1], timeout=20).text)`;

const NODE = `fetch(process.argv[1]).then((answer) => answer.text()).then(console.log)`;

const GO = `package main
import ("fmt"; "io"; "net/http"; "os")
func main() {
  answer, err := http.Get(os.Args[1])
  if err != nil { fmt.Println(err); os.Exit(1) }
  body, _ := io.ReadAll(answer.Body)
  fmt.Println(string(body))
}
`;

const JAVA = `import java.net.URI;
import java.net.http.*;
class Ask {
  public static void main(String[] words) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(words[0])).build();
    System.out.println(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body());
  }
}
`;

/** With nothing in its environment but where programs are, so that only what is bound over files can help. */
const bare = (...command: readonly string[]): readonly string[] => [
  'env',
  '-i',
  `PATH=${process.env['PATH']}`,
  ...command,
];

/** Those that can be run on this machine; what they need is made below `directory`. */
export function tlsClients(directory: string, url: string): readonly TlsClient[] {
  const node = ['node', '-e', NODE, url];
  const python = ['python3', '-c', PYTHON, url];
  const packages = join(directory, 'packages');
  execFileSync('python3', [
    '-m',
    'pip',
    'install',
    '-q',
    '--disable-pip-version-check',
    '--target',
    packages,
    'requests',
  ]);
  const requests = [`PYTHONPATH=${packages}`, 'python3', '-c', REQUESTS, url];
  return [
    { name: 'node', command: node },
    { name: 'node --use-openssl-ca', command: ['node', '--use-openssl-ca', ...node.slice(1)] },
    { name: 'node --use-system-ca', command: ['node', '--use-system-ca', ...node.slice(1)] },
    { name: 'python ssl', command: python },
    { name: 'python ssl, by files alone', command: bare(...python) },
    { name: 'python requests with certifi', command: bare(...requests) },
    ...(has('curl', '--version')
      ? [
          { name: 'curl', command: ['curl', '-sS', url] },
          { name: 'curl, by files alone', command: bare('curl', '-sS', url) },
          {
            name: 'curl, by a directory of authorities',
            command: [
              'sh',
              '-c',
              `unset CURL_CA_BUNDLE SSL_CERT_FILE; curl -sS --capath "\${SSL_CERT_DIR%%:*}" ${url}`,
            ],
          },
        ]
      : []),
    ...go(directory, url),
    ...java(directory, url),
  ];
}

function go(directory: string, url: string): readonly TlsClient[] {
  const found = ['go', '/usr/local/go/bin/go'].find((program) => has(program, 'version'));
  if (found === undefined) return [];
  const at = join(directory, 'ask-go');
  mkdirSync(at);
  writeFileSync(join(at, 'main.go'), GO);
  execFileSync(found, ['build', '-o', 'ask', 'main.go'], { cwd: at, env: { ...process.env, CGO_ENABLED: '0' } });
  return [
    { name: 'go', command: [join(at, 'ask'), url] },
    { name: 'go, by files alone', command: bare(join(at, 'ask'), url) },
  ];
}

function java(directory: string, url: string): readonly TlsClient[] {
  if (!has('javac', '-version')) return [];
  writeFileSync(join(directory, 'Ask.java'), JAVA);
  execFileSync('javac', ['Ask.java'], { cwd: directory });
  const command = ['java', '-XX:TieredStopAtLevel=1', '-cp', directory, 'Ask', url];
  return [
    { name: 'java', command },
    { name: 'java, by files alone', command: bare(...command) },
  ];
}

function has(program: string, word: string): boolean {
  try {
    execFileSync(program, [word], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
