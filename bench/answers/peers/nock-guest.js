// Loaded before the client: what it asks is recorded by nock, or answered by it.
import { subscribe } from 'node:diagnostics_channel';
import { syncBuiltinESMExports } from 'node:module';
import nock from 'nock';

const { FIXTURES, TURN } = process.env;
nock.back.fixtures = FIXTURES;
nock.back.setMode(TURN === 'record' ? 'record' : 'lockdown');
const { nockDone } = await nock.back('answers.json');
// Modules that import http by name see what nock has put there.
syncBuiltinESMExports();

// The client is ended from outside: what was recorded is written when it has answered.
if (TURN === 'record')
  subscribe('http.server.response.finish', ({ request }) => {
    if (request.method === 'POST') nockDone();
  });
