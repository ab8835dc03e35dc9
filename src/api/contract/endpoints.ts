/**
 * Every question that can be asked of the API: the server's routes, the typed client, the OpenAPI document and the table of roles are made of
 * this list. Plain values, so that a browser can have them without the schemas (shapes.ts).
 */
import type { Permission } from '../../domain/access.ts';

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `:name` stands for a parameter. */
  readonly path: string;
  /** `signed-in`: whoever is known. `nobody`: anyone, also without a token. `reference`: a signed reference to one user, or the handle it was answered with (src/access/{reference,handle}.ts). */
  readonly needs: Permission | 'signed-in' | 'nobody' | 'reference';
  /** One sentence for the OpenAPI document. */
  readonly does: string;
  /** Of the answer; JSON by default. */
  readonly answers?: 'json' | 'nothing' | 'bytes' | 'events';
}

export const ENDPOINTS = {
  session: {
    method: 'GET',
    path: '/v1/session',
    needs: 'nobody',
    does: 'Who you are, what you may, and how one signs in here.',
  },
  signIn: { method: 'POST', path: '/v1/session', needs: 'nobody', does: 'Exchanges a token for a cookie.' },
  signOut: {
    method: 'DELETE',
    path: '/v1/session',
    needs: 'signed-in',
    does: 'Ends the session of the cookie.',
    answers: 'nothing',
  },
  listTokens: {
    method: 'GET',
    path: '/v1/tokens',
    needs: 'signed-in',
    does: 'Tokens that you made; everybody’s for an admin.',
  },
  createToken: {
    method: 'POST',
    path: '/v1/tokens',
    needs: 'signed-in',
    does: 'Makes a token with at most your own roles, for a time.',
  },
  revokeToken: {
    method: 'DELETE',
    path: '/v1/tokens/:id',
    needs: 'signed-in',
    does: 'Ends a token.',
    answers: 'nothing',
  },

  listLoops: { method: 'GET', path: '/v1/loops', needs: 'read', does: 'Loops, newest first, a page at a time.' },
  showLoop: { method: 'GET', path: '/v1/loops/:id', needs: 'read', does: 'One loop: summary and redacted view.' },
  resolveLoop: {
    method: 'GET',
    path: '/v1/loops/:id/resolve',
    needs: 'read',
    does: 'The one loop whose id begins so.',
  },
  exemplarsOfLoop: {
    method: 'GET',
    path: '/v1/loops/:id/exemplars',
    needs: 'read',
    does: 'Good transactions of the routes of a loop.',
  },
  compareLoops: {
    method: 'GET',
    path: '/v1/loops/:id/compare/:other',
    needs: 'read',
    does: 'What differs between two loops.',
  },
  harOfLoop: { method: 'GET', path: '/v1/loops/:id/har', needs: 'read', does: 'The redacted view as an HTTP archive.' },
  recordingOfLoop: {
    method: 'GET',
    path: '/v1/loops/:id/recording',
    needs: 'export',
    does: 'The .loop file; open=true: with plain records, which needs the permission to open.',
    answers: 'bytes',
  },
  originalBody: {
    method: 'GET',
    path: '/v1/loops/:id/exchanges/:exchange/:side/body',
    needs: 'open',
    does: 'The bytes of one body as they were, to be downloaded.',
    answers: 'bytes',
  },
  importLoop: { method: 'POST', path: '/v1/loops', needs: 'write', does: 'Takes a .loop file in.' },
  deleteLoop: { method: 'DELETE', path: '/v1/loops/:id', needs: 'delete', does: 'Removes a loop.', answers: 'nothing' },
  testRedaction: {
    method: 'POST',
    path: '/v1/loops/:id/redaction-test',
    needs: 'open',
    does: 'What redaction by these rules would hide.',
  },
  testRules: {
    method: 'POST',
    path: '/v1/rules-test',
    needs: 'open',
    does: 'What these rules would say of what is stored.',
  },

  listFingerprints: {
    method: 'GET',
    path: '/v1/fingerprints',
    needs: 'read',
    does: 'Failures by what they have in common, last seen first.',
  },
  events: {
    method: 'GET',
    path: '/v1/events',
    needs: 'read',
    does: 'What happens, as server-sent events.',
    answers: 'events',
  },
  vitals: {
    method: 'GET',
    path: '/v1/vitals',
    needs: 'health',
    does: 'Health of sink and storage, now and in the last hour.',
  },

  listCaptures: { method: 'GET', path: '/v1/captures', needs: 'timeline', does: 'Captures, newest first.' },
  startCapture: { method: 'POST', path: '/v1/captures', needs: 'capture', does: 'Begins to keep what one user does.' },
  resolveCapture: {
    method: 'GET',
    path: '/v1/captures/:id/resolve',
    needs: 'timeline',
    does: 'The one capture whose id begins so.',
  },
  showCapture: {
    method: 'GET',
    path: '/v1/captures/:id',
    needs: 'timeline',
    does: 'One capture and its loops by time.',
  },
  stopCapture: {
    method: 'POST',
    path: '/v1/captures/:id/stop',
    needs: 'capture',
    does: 'Ends a capture; what it has stays.',
  },
  deleteCapture: {
    method: 'DELETE',
    path: '/v1/captures/:id',
    needs: 'delete',
    does: 'Removes a capture and what nothing else keeps.',
  },
  timeline: {
    method: 'POST',
    path: '/v1/timeline',
    needs: 'timeline',
    does: 'What is stored of one user, by time. The id is in the body, so that it is in no log.',
  },

  pressButton: {
    method: 'POST',
    path: '/v1/support/capture',
    needs: 'reference',
    does: 'The support button: begins a capture of the user of the reference.',
  },
  lookAtButton: {
    method: 'GET',
    path: '/v1/support/capture',
    needs: 'reference',
    does: 'What the capture has so far that the button began: by the handle from its answer.',
  },
  releaseButton: {
    method: 'POST',
    path: '/v1/support/capture/stop',
    needs: 'reference',
    does: 'Ends it, by the same handle.',
  },

  audit: {
    method: 'GET',
    path: '/v1/audit',
    needs: 'audit',
    does: 'Who did what, newest first, and whether the chain is whole.',
  },
  erase: {
    method: 'POST',
    path: '/v1/erasures',
    needs: 'erase',
    does: 'Removes everything that is stored of one user.',
  },
  mcp: {
    method: 'POST',
    path: '/mcp',
    needs: 'read',
    does: 'Tools for coding agents: the Model Context Protocol over streamable HTTP, without sessions.',
  },
  openapi: { method: 'GET', path: '/v1/openapi.json', needs: 'signed-in', does: 'This document.' },
} as const satisfies Readonly<Record<string, Endpoint>>;

export type Operation = keyof typeof ENDPOINTS;

/** What makes something new: answered with 201. */
export const CREATES: readonly Operation[] = ['importLoop', 'startCapture', 'createToken', 'pressButton'];
