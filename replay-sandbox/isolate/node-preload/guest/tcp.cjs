'use strict';
/** TCP: a connection goes to the gate, with a first line that says where it was to go; a listener gets another port, of the loopback alone. */
const { UV_ECONNREFUSED, UV_EADDRINUSE } = process.binding('uv');
const { TCP } = process.binding('tcp_wrap');
const { WriteWrap } = process.binding('stream_wrap');

const LOOPBACK = '127.0.0.1';
/** The port a handle was asked to listen on. */
const asked = Symbol('port');
/** Ports this process was asked to listen on -> where it does. */
const own = new Map();

const plain = { ...pick(TCP.prototype, ['bind', 'connect', 'connect6', 'getsockname', 'close']) };

function turnConnections(gate) {
  TCP.prototype.connect = turnedConnect(gate, plain.connect);
  TCP.prototype.connect6 = turnedConnect(gate, plain.connect6);
  TCP.prototype.bind = function turned(_address, port) {
    return listenOn(gate, this, port);
  };
  TCP.prototype.bind6 = TCP.prototype.bind;
  TCP.prototype.getsockname = function turned(found) {
    const status = plain.getsockname.call(this, found);
    if (this[asked] !== undefined) found.port = this[asked];
    return status;
  };
}

function turnedConnect(gate, connect) {
  return function turned(request, address, port) {
    if (port === gate.port && isLoopback(address)) return connect.call(this, request, address, port);
    const there = isLoopback(address) ? own.get(port) : undefined;
    if (there !== undefined) return plain.connect.call(this, request, LOOPBACK, there);
    gate.ask(address, port, (goes) => {
      const status = goes ? throughGate(gate, this, request, address, port) : UV_ECONNREFUSED;
      if (status !== 0) request.oncomplete(status, this, request, true, true);
    });
    return 0;
  };
}

/** The first line is written before whoever dialled knows that it is connected, so nothing comes before it. */
function throughGate(gate, handle, request, address, port) {
  const { oncomplete } = request;
  request.oncomplete = function connected(status, ...others) {
    if (status === 0) {
      const write = new WriteWrap();
      write.oncomplete = () => undefined;
      write.async = false;
      handle.writeLatin1String(write, gate.preamble(address, port));
    }
    return oncomplete.call(this, status, ...others);
  };
  return plain.connect.call(handle, request, LOOPBACK, gate.port);
}

function listenOn(gate, handle, port) {
  if (port !== 0 && own.has(port)) return UV_EADDRINUSE;
  const status = plain.bind.call(handle, LOOPBACK, 0);
  if (status !== 0) return status;
  const found = {};
  plain.getsockname.call(handle, found);
  const wished = port === 0 ? found.port : port;
  handle[asked] = wished;
  own.set(wished, found.port);
  handle.close = function closed(...words) {
    own.delete(wished);
    return plain.close.apply(this, words);
  };
  gate.tell({ kind: 'listens', port: wished, at: found.port });
  return 0;
}

function isLoopback(address) {
  return /^127\.|^::1$|^0\.0\.0\.0$|^::$|^::ffff:127\./.test(address);
}

function pick(from, names) {
  return Object.fromEntries(names.map((name) => [name, from[name]]));
}

module.exports = { turnConnections };
