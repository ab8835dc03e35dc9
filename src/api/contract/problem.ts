/** RFC 9457, as every refusal is told. `hint` says what to do next. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly hint?: string;
}
