'use strict';
/** Names: every look-up asks the replay's name server, also those that would go to the system's resolver. */
const dns = require('node:dns');
const { syncBuiltinESMExports } = require('node:module');
const { isIP } = require('node:net');
const { promisify } = require('node:util');

/** @param {number} port of the replay's name server, on 127.0.0.1 */
function turnNames(port) {
  const servers = [`127.0.0.1:${port}`];
  const resolver = new dns.Resolver({ timeout: 1000, tries: 2 });
  resolver.setServers(servers);
  dns.lookup = turnedLookup(resolver);
  dns.promises.lookup = promised(dns.lookup);
  dns.lookup[promisify.custom] = dns.promises.lookup;
  dns.lookupService = noService;
  dns.promises.lookupService = promisify(noService);
  for (const api of [dns, dns.promises]) {
    api.setServers(servers);
    api.setServers = () => undefined;
    api.Resolver = turnedResolver(api.Resolver, servers);
  }
  syncBuiltinESMExports();
}

function turnedLookup(resolver) {
  return function lookup(name, given, callback) {
    const done = callback ?? given;
    const { family, all } = optionsOf(given);
    const give = (found) => {
      if (found.length === 0) done(notFound(name));
      else if (all === true) done(null, found);
      else done(null, found[0].address, found[0].family);
    };
    const known = withoutAsking(name, family);
    if (known === undefined) addresses(resolver, name, family, give);
    else process.nextTick(give, [known]);
  };
}

/** The name of an address: the system would be asked for it, and the replay's name server knows none. */
function noService(address, _port, callback) {
  const error = new Error(`getnameinfo ENOTFOUND ${address}`);
  const facts = { errno: -3008, code: 'ENOTFOUND', syscall: 'getnameinfo', hostname: address };
  process.nextTick(callback, Object.assign(error, facts));
}

function optionsOf(given) {
  if (typeof given === 'number') return { family: given };
  const { family, all } = typeof given === 'object' && given !== null ? given : {};
  return { family: family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : family, all };
}

/** Addresses, and the machine itself. */
function withoutAsking(name, family) {
  const known = isIP(name);
  if (known !== 0) return { address: name, family: known };
  if (name && !/(?:^|\.)localhost\.?$/i.test(name)) return undefined;
  return family === 6 ? { address: '::1', family: 6 } : { address: '127.0.0.1', family: 4 };
}

/** Of the families asked for, IPv4 first; none when the name is not known. */
function addresses(resolver, name, family, done) {
  const families = family === 4 || family === 6 ? [family] : [4, 6];
  const found = families.map(() => []);
  let open = families.length;
  families.forEach((one, index) => {
    resolver[`resolve${one}`](name, (_error, list) => {
      found[index] = (list ?? []).map((address) => ({ address, family: one }));
      open -= 1;
      if (open === 0) done(found.flat());
    });
  });
}

function promised(lookup) {
  return (name, options) =>
    new Promise((resolve, reject) => {
      lookup(name, options ?? {}, (error, found, family) => {
        if (error) reject(error);
        else resolve(Array.isArray(found) ? found : { address: found, family });
      });
    });
}

function turnedResolver(Plain, servers) {
  return class Resolver extends Plain {
    constructor(...words) {
      super(...words);
      super.setServers(servers);
    }

    setServers() {}
  };
}

/** As getaddrinfo says it; -3008 is libuv's UV_EAI_NONAME, which Node gives this name. */
function notFound(hostname) {
  const error = new Error(`getaddrinfo ENOTFOUND ${hostname}`);
  return Object.assign(error, { errno: -3008, code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname });
}

module.exports = { turnNames };
