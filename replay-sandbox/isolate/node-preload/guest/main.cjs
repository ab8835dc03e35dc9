'use strict';
/**
 * Loaded into every Node process of a service by --require, before its first line: what it dials, listens on and looks up goes through the
 * gate of the replay. It works on libuv's handles, below net, tls, http and fetch, so that no library needs to know of it. Plain CommonJS
 * without dependencies, for whatever Node the service runs on. Worker threads load it, too.
 */
const { turnChildren } = require('./children.cjs');
const { turnDatagrams } = require('./datagrams.cjs');
const { Gate } = require('./gate.cjs');
const { turnNames } = require('./names.cjs');
const { turnPipes } = require('./pipes.cjs');
const { turnConnections } = require('./tcp.cjs');

const setting = process.env.LOOP_PRELOAD;
if (setting !== undefined) {
  /** @type {{ gate: number, token: string, dns: number }} */
  const { gate: port, token, dns } = JSON.parse(setting);
  const gate = new Gate(port, token);
  turnConnections(gate);
  turnDatagrams(gate, dns);
  turnPipes(gate);
  turnNames(dns);
  turnChildren(__filename, setting);
}
