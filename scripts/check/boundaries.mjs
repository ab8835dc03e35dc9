// @ts-check
// Which folder may import which, as dependency-cruiser rules. The arrows are those of docs/ARCHITECTURE.md.

/**
 * @typedef {object} Layer
 * @property {string} name
 * @property {string} path a regular expression of the files in it
 * @property {readonly string[]} may regular expressions of what else of ours it may import
 * @property {string} because
 */

const OURS = '^(src|storage|replay-sandbox|cli|console|examples|bench|test|scripts)/';
const PRODUCT = '^(src|storage|replay-sandbox|cli)/';
const DOMAIN = '^src/domain/';
const WIRE = '^src/wire/';
const ASSEMBLY = '^src/assembly/';
const KEEPING = '^src/keeping/';
const CAPTURES = '^src/captures/';
const FORMAT = '^storage/format(/|\\.ts$)';
const STORE_PORT = '^storage/(port|errors|captures|fingerprints|subjects)\\.ts$';
const RULES = '^src/verdict/(rules|facts)(/|\\.ts$)';
/** What everybody may read of a loop: the schema of the redacted view. */
const VIEW = '^src/seal/view-schema\\.ts$';
const CLI_ROOTS = '^cli/(commands/|demo/|(main|loopctl|connection|local|replay-file)\\.ts$)';

/** @type {readonly Layer[]} */
const LAYERS = [
  {
    name: 'wire',
    path: WIRE,
    may: [DOMAIN],
    because: 'A codec is used by recorder and mock alike, so it knows values only, not who feeds it.',
  },
  {
    name: 'assembly',
    path: ASSEMBLY,
    may: [WIRE, DOMAIN],
    because: 'What is derived from segments must be derivable again anywhere: from records and codecs alone.',
  },
  {
    name: 'verdict',
    path: '^src/verdict/',
    may: [DOMAIN],
    because:
      'Rules judge facts. Were they to know how facts are captured or stored, each new source would need new rules.',
  },
  {
    name: 'recorder',
    path: '^src/recorder/',
    may: [WIRE, DOMAIN, RULES],
    because: 'The ring works on the ingest thread: whatever it imports costs live traffic.',
  },
  {
    name: 'ingest',
    path: '^src/ingest/(?!worker\\.ts$)',
    may: [
      WIRE,
      DOMAIN,
      '^src/verdict/rules/rule\\.ts$',
      '^src/recorder/(port|part|inspection|options|stats|history|brake|capture-order|elsewhere-order|overload|quota)\\.ts$',
    ],
    because: 'Ingest hands over through the capture port, so that both sides can be tested and replaced alone.',
  },
  {
    name: 'ingest-worker',
    path: '^src/ingest/worker\\.ts$',
    may: ['^src/ingest/', '^src/recorder/', RULES, WIRE, DOMAIN],
    because: 'The worker is the root of the ingest thread; assembling, sealing and storing belong to the main thread.',
  },
  {
    name: 'history',
    path: '^src/history/',
    may: ['^src/recorder/(history|notes|part|following)\\.ts$', WIRE, DOMAIN],
    because: 'It is behind the ring, on a thread of its own: it knows what the recorder says to it, not how it works.',
  },
  {
    name: 'seal',
    path: '^src/seal/',
    may: [DOMAIN, ASSEMBLY, '^src/wire/(grpc|http|postgres|protobuf|redis|sse|websocket)/'],
    because:
      'Redaction and encryption see values; who asks for them and where they are kept is not their business. Of a gRPC body the values are inside messages, of a Redis command among its arguments, of a notification of Postgres its payload.',
  },
  {
    name: 'keeping',
    path: KEEPING,
    may: [DOMAIN, WIRE, ASSEMBLY, '^src/verdict/', '^src/seal/'],
    because:
      'What is shown of a recording is made of its records in one way, whoever took them in; where it is kept is another matter.',
  },
  {
    name: 'har',
    path: '^src/har/',
    may: [DOMAIN, VIEW],
    because: 'An archive is made of what everybody may read, so that no way leads from the records into it.',
  },
  {
    name: 'captures',
    path: CAPTURES,
    may: [DOMAIN, WIRE, '^src/seal/', '^src/recorder/capture-order\\.ts$', '^src/verdict/user\\.ts$', STORE_PORT],
    because:
      'Whom a capture is of is decided on assembled values; who assembles them, and what comes of it, is not its business.',
  },
  {
    name: 'envoy-config',
    path: '^src/envoy-config/',
    may: [DOMAIN],
    because: 'It prints configuration for somebody else’s process and needs nothing of ours but values.',
  },
  {
    name: 'api',
    path: '^src/api/',
    may: [
      DOMAIN,
      ASSEMBLY,
      KEEPING,
      '^src/verdict/rules(-file)?/',
      '^src/seal/',
      '^src/envoy-config/',
      '^src/captures/(port|selector|error)\\.ts$',
      '^src/(access|audit)/',
      '^src/(comparison|har)/',
      '^src/wire/segments/',
      STORE_PORT,
      FORMAT,
    ],
    because: 'The same handlers run in loopd and in loopctl, so they get their adapters handed in.',
  },
  {
    name: 'access',
    path: '^src/access/',
    may: [DOMAIN],
    because: 'Who somebody is does not depend on what they ask for.',
  },
  {
    name: 'audit',
    path: '^src/audit/',
    may: [DOMAIN],
    because: 'It writes down acts in words; whose acts and of what is told to it.',
  },
  {
    name: 'comparison',
    path: '^src/comparison/',
    may: [DOMAIN, VIEW, '^src/api/contract/results\\.ts$'],
    because: 'Two recordings are compared as everybody may read them, so that no way leads from the records into it.',
  },
  {
    name: 'mcp',
    path: '^src/mcp/',
    may: [DOMAIN, '^src/api/', VIEW],
    because: 'A tool for agents is one more caller of the API, with no way around it.',
  },
  {
    name: 'storage-format',
    path: FORMAT,
    may: [STORE_PORT, DOMAIN],
    because: 'The .loop file is a documented format of its own, readable without a store.',
  },
  {
    name: 'storage',
    path: '^storage/(?!format(/|\\.ts$))',
    may: [FORMAT, DOMAIN],
    because: 'Storage keeps sealed bytes and redacted views. Not importing the seal, it cannot open one.',
  },
  {
    name: 'replay-sandbox',
    path: '^replay-sandbox/(?!open(/|\\.ts$))',
    may: ['^replay-sandbox/', WIRE, ASSEMBLY, '^src/verdict/', DOMAIN, FORMAT],
    because: 'A replay consumes one opened .loop and nothing else; only open.ts breaks the seal.',
  },
  {
    name: 'replay-open',
    path: '^replay-sandbox/open(/|\\.ts$)',
    may: ['^replay-sandbox/', '^src/seal/', '^src/keeping/disguise/', WIRE, ASSEMBLY, '^src/verdict/', DOMAIN, FORMAT],
    because: 'A replay consumes one .loop and nothing else.',
  },
  {
    name: 'cli',
    path: '^cli/(?!commands/|demo/|(main|loopctl|connection|local|replay-file)\\.ts$)',
    may: [CLI_ROOTS, '^src/api/', '^replay-sandbox/', VIEW, FORMAT, DOMAIN],
    because: 'loopctl talks to the API and the sandbox; only its roots (CLI_ROOTS) build adapters.',
  },
  {
    name: 'shop-runner',
    path: '^examples/shop/(run/|main\\.ts$)',
    may: ['^src/envoy-config/'],
    because:
      'It stands for the platform: it deploys sidecars with the configuration that loopctl prints, and knows the services by command line only.',
  },
  {
    name: 'console',
    path: '^console/',
    may: ['^src/api/contract/', '^src/api/client/call\\.ts$', DOMAIN, VIEW],
    because: 'The page is one more client: it knows what the API says, and nothing of how it is answered.',
  },
  {
    name: 'examples',
    path: '^examples/(?!shop/(run/|main\\.ts$))',
    may: [],
    because: 'They stand for somebody else’s code: what they need must be in the public CLI and API.',
  },
];

/** @typedef {import('dependency-cruiser').IForbiddenRuleType} Rule */

/**
 * @param {Layer} layer
 * @returns {Rule}
 */
function layerRule({ name, path, may, because }) {
  const own = name === 'examples' ? '^examples/' : path;
  return {
    name: `arrows-of-${name}`,
    comment: because,
    severity: 'error',
    from: { path },
    to: { path: OURS, pathNot: [own, ...may] },
  };
}

const FILE_ACCESS = [
  '^storage/',
  '^src/seal/keyfile',
  '^src/ingest/(unix-socket|tls/)',
  '^src/history/file',
  '^src/daemon/',
  '^src/(access|audit)/.*-file\\.ts$',
  '^replay-sandbox/(isolate|launch|open|own-directory|plan)',
  // What stands in a person's project and toolchain, and what is built of it.
  '^replay-sandbox/(time|debug)/',
  '^replay-sandbox/cast/source-file',
  '^(cli|scripts|test|bench|examples|console)/',
  '^[^/]+$',
];

const PURE_BUILTINS = '^(node:)?(buffer|crypto|string_decoder|util|zlib)$';

/** @type {readonly Rule[]} */
const SINGLE_RULES = [
  {
    name: 'domain-imports-nothing',
    comment: 'Everything depends on the domain, so a dependency of the domain would be everybody’s.',
    from: { path: DOMAIN },
    to: { pathNot: DOMAIN },
  },
  {
    name: 'pure-code-does-no-io',
    comment:
      'Codecs, assembly and rules are sans-io: tests feed them bytes, and live and replayed traffic take the same path.',
    from: { path: '^src/(wire|assembly|verdict)/' },
    to: { dependencyTypes: ['core'], pathNot: PURE_BUILTINS },
  },
  {
    name: 'files-at-the-edge',
    comment:
      'Whoever opens files decides where secrets land on disk: only storage, key file, sockets, sandbox and roots do.',
    from: { path: '.', pathNot: FILE_ACCESS },
    to: { path: '^(node:)?fs(/promises)?$' },
  },
  {
    name: 'seal-takes-types-of-assembly',
    comment: 'The redacted view is made of assembled values that are handed in; the seal does not assemble.',
    from: { path: '^src/seal/' },
    to: { path: ASSEMBLY, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'no-cycles-of-values',
    comment:
      'Modules that need each other at load time cannot be read, tested or moved apart. Types may refer to each other.',
    from: { path: '.' },
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'browser-has-no-node',
    comment: 'The types of Node are there because the contract leads to code that uses it; the code is not.',
    from: { path: '^console/(src|support-button)/' },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'product-without-tests',
    comment: 'What ships must not need what does not. Only the demo starts the example.',
    from: { path: PRODUCT, pathNot: '^cli/demo/' },
    to: { path: '^(test|bench|scripts|examples|console)/' },
  },
  {
    name: 'product-without-dev-packages',
    comment: 'devDependencies are absent after npm install --omit=dev; only their types vanish at build time.',
    from: { path: PRODUCT },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm'], pathNot: '/@types/' },
  },
  {
    name: 'imports-resolve',
    comment: 'An import that leads nowhere is a typo or a package that package.json does not name.',
    from: { path: '.' },
    to: { couldNotResolve: true },
  },
];

/** @type {Rule[]} */
export const boundaries = [
  ...LAYERS.map(layerRule),
  ...SINGLE_RULES.map((rule) => ({ severity: /** @type {const} */ ('error'), ...rule })),
];
