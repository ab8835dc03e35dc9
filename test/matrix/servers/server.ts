/** What stands behind a driver: started for one row, and stopped before the replay. */

/** One statement, command or message, as the server itself wrote it down. */
export interface Logged {
  /** Whose: any name that is of one connection alone. */
  readonly connection: string;
  /** As the replay's calls call it (`summary`); for messages of a stream: the stream's. */
  readonly text: string;
  /** Of a stream: how many messages of both sides it had. Absent: one. */
  readonly messages?: number;
}

export interface MatrixServer {
  readonly port: number;
  /** `PostgreSQL 18.4`. */
  readonly version: string;
  /** What apps need beside TARGET_HOST and TARGET_PORT: user, password, database. */
  readonly env: Readonly<Record<string, string>>;
  /** What the app asked since the server started, in order; not what the harness asked. Whole once the app has its answers. */
  statements(): Promise<readonly Logged[]>;
  stop(): Promise<void>;
}

export interface ServerKind {
  /** How the sidecar takes its traffic: a TCP connection with a codec, or HTTP. */
  readonly transport: 'tcp' | 'http';
  /** The port that the replay's TARGET_PORT names; HTTP keeps the recorded one. */
  readonly usualPort: number;
  /** One spelling for what the log, the recording and the replay's calls say of a statement. Absent: they agree. */
  readonly canonical?: (text: string) => string;
  start(): Promise<MatrixServer>;
}
