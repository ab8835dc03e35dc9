// Loaded before the client: what it asks is recorded by nock, or answered by it.
import { syncBuiltinESMExports } from 'node:module';
import nock from 'nock';

const { FIXTURES, TURN } = process.env;
nock.back.fixtures = FIXTURES;
nock.back.setMode(TURN === 'record' ? 'record' : 'lockdown');
const { nockDone } = await nock.back('answers.json');
// Modules that import http by name see what nock has put there.
syncBuiltinESMExports();

// The client is asked to end from outside: then what was recorded is written.
if (TURN === 'record')
  process.once('SIGTERM', () => {
    nockDone();
    process.exit();
  });
