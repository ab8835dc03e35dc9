/** What the API answers with, beyond the values of src/domain. Times are Unix ms. All text is redacted unless it says otherwise. */
import type { Permission, Role } from '../../domain/access.ts';
import type { CaptureEnd } from '../../domain/capture.ts';
import type { LoopId } from '../../domain/ids.ts';
import type { LoopSummary } from '../../domain/loop.ts';
import type { Mistake } from '../../verdict/rules-file/mistake.ts';

export interface SessionAnswer {
  /** Absent: not signed in. */
  readonly principal?: {
    readonly name: string;
    readonly roles: readonly Role[];
    readonly permissions: readonly Permission[];
    readonly tenants?: readonly string[];
  };
  /** To be sent as `x-loop-csrf` with every request that changes something, where a cookie says who asks. */
  readonly csrf?: string;
  readonly until?: number;
  readonly signIn: {
    readonly token: boolean;
    /** Where a browser goes to sign in elsewhere. */ readonly oidc?: { readonly name: string; readonly url: string };
  };
  readonly version: string;
}

/** Server-sent events: `id` counts up, `event` is the kind, `data` all of it as JSON. After a gap that cannot be filled comes `missed`: read the lists again. */
export type LoopEvent =
  | { readonly kind: 'loop-kept' | 'loop-changed'; readonly loop: LoopSummary }
  | { readonly kind: 'loop-deleted'; readonly id: LoopId }
  | { readonly kind: 'failures-counted'; readonly fingerprints: readonly string[] }
  /** Only for whoever may see timelines. */
  | { readonly kind: 'capture-changed'; readonly id: string }
  | { readonly kind: 'missed' };

/** One number over time; `points` oldest first, one per `everyMs`, null where nothing was known. */
export interface Series {
  readonly name:
    | 'historySeconds'
    | 'exchangesPerSecond'
    | 'keptPerMinute'
    | 'tossedPerMinute'
    | 'lostBytesPerSecond'
    | 'storeBytes'
    | 'eventLoopDelayMs'
    | 'residentBytes';
  readonly unit: 'seconds' | 'bytes' | 'milliseconds' | 'count';
  readonly points: readonly (number | null)[];
}

export interface Vitals {
  readonly at: number;
  readonly everyMs: number;
  /** One sentence when something is wrong, and one when something is not as somebody wants it. */
  readonly trouble?: string;
  readonly warning?: string;
  readonly sink: {
    readonly addresses: readonly string[];
    readonly sidecars: readonly { readonly service: string; readonly instance: string; readonly lastSeenAt: number }[];
    readonly historySeconds: number;
  };
  /** received = the sum of the others (docs/ARCHITECTURE.md, "Keep, toss, and what is counted"). */
  readonly fates: Readonly<Record<string, { readonly segments: number; readonly bytes: number }>>;
  readonly store: {
    readonly loops: number;
    readonly bytes: number;
    readonly freeBytes: number;
    readonly retentionDays: number;
  };
  readonly series: readonly Series[];
}

export interface TimelineEntry {
  readonly loop: LoopSummary;
  /** Captures that took it. */
  readonly captures: readonly string[];
}

/** What the button shows. It never tells what is in the recordings. */
export interface ButtonAnswer {
  readonly capture: string;
  readonly state: 'running' | 'over';
  readonly startedAt: number;
  readonly until: number;
  readonly endedAt?: number;
  readonly endedBy?: CaptureEnd;
  /** How far back it reached; absent until that is known. */
  readonly reachedBackTo?: number;
  readonly transactions: number;
  readonly failed: number;
  readonly bytes: number;
  readonly notes: readonly string[];
  /** For an engineer. */
  readonly link: string;
  /** Opens the two other questions, until the capture has been over for a while. In the answer that began it. */
  readonly handle?: string;
}

export interface AuditEntry {
  /** Counts from 1 without a gap. */
  readonly sequence: number;
  readonly at: number;
  readonly actor: string;
  readonly act: string;
  readonly about: Readonly<Record<string, string | number | boolean>>;
  /** SHA-256, hex: of the entry before with this one. */
  readonly hash: string;
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly next?: string;
  /** `broken` names the first sequence whose hash does not fit what is before it. */
  readonly chain: { readonly whole: boolean; readonly entries: number; readonly broken?: number };
}

export interface Erasure {
  readonly loops: number;
  readonly captures: number;
  readonly exemplars: number;
  readonly bytes: number;
  /** What cannot be erased at once, and until when it is gone: sentences. */
  readonly notes: readonly string[];
}

/**
 * Two redacted views side by side. Exchanges are paired by hop (service, direction, peer, method, route) and order among equals, commands by
 * statement and the exchange they were made for. Ordered by when they began, counted from the begin of their loop.
 */
export interface Comparison {
  readonly left: LoopSummary;
  readonly right: LoopSummary;
  readonly pairs: readonly ComparedPair[];
  /** Sentences on what was not compared: limits that were reached, and what a view does not show. Empty when all was. */
  readonly notes: readonly string[];
}

export interface ComparedPair {
  readonly what: 'exchange' | 'command';
  /** `shop → pricing: GET /prices/*`, `pricing → database: SELECT …` */
  readonly hop: string;
  /** Ids in the views. */
  readonly left?: string;
  readonly right?: string;
  /** `same`: nothing differs but noise, or what neither view shows. */
  readonly verdict: 'same' | 'differs' | 'only-left' | 'only-right';
  readonly differences: readonly Difference[];
  /** How many differences are not listed, when there are too many. */
  readonly more?: number;
}

export interface Difference {
  /** `request.headers.x-tenant`, `request.query.page`, `response.body.$.items[0].price`, `response.body.line 3`, `status`, `version`, `parameters[1]`, `durationMs`. */
  readonly path: string;
  /** Cut when it is long. */
  readonly left?: string;
  readonly right?: string;
  /** `noise`: a value of a kind that is made anew each time. `hidden`: redacted in both, so nobody can tell. */
  readonly kind: 'value' | 'missing-left' | 'missing-right' | 'noise' | 'hidden';
}

export interface RedactionFinding {
  /** `gateway inbound POST /checkout: request.headers.authorization` */
  readonly where: string;
  readonly token: string;
  /** Redacted text in front of the token. */
  readonly before: string;
  /** Against the view as it is stored. `lost`: it would be shown. */
  readonly change: 'same' | 'new' | 'lost';
}

export interface RedactionTest {
  readonly findings: readonly RedactionFinding[];
  /** Findings beyond the most that are told. */
  readonly more: number;
}

/** With mistakes nothing was tried. */
export interface RulesTest {
  readonly mistakes: readonly Mistake[];
  readonly recordings: readonly TestedRecording[];
  /** There are further recordings, older than these. */
  readonly more: boolean;
}

/** What the rules say of one recording. Readable without the key: nothing in it is of a body or a header. */
export interface TestedRecording {
  readonly id: LoopId;
  readonly purpose: LoopSummary['purpose'];
  readonly startedAt: number;
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly inForce: Judged;
  readonly tried: Judged;
  /** `kept`, `tossed`: these rules would, and those in force do not. `reason`: kept by both, and not for the same reason. */
  readonly change: 'same' | 'kept' | 'tossed' | 'reason';
  /** Why it could not be opened; nothing is said of it then. */
  readonly unread?: string;
}

export interface Judged {
  readonly decision: 'keep' | 'toss';
  /** Of its origin: `rule` is the name in rules.yaml, absent for a built-in one. */
  readonly rule?: string;
  readonly summary?: string;
}
