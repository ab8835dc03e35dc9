'use strict';
/** Unix sockets and named pipes: those this process made are its own; the others are the machine's, and out of reach. */
const { Pipe } = process.binding('pipe_wrap');
const { UV_ECONNREFUSED } = process.binding('uv');

function turnPipes(gate) {
  const { bind, connect } = Pipe.prototype;
  const own = new Set();
  Pipe.prototype.bind = function turned(path, ...others) {
    own.add(path);
    return bind.call(this, path, ...others);
  };
  Pipe.prototype.connect = function turned(request, path, ...others) {
    if (own.has(path)) return connect.call(this, request, path, ...others);
    gate.tell({ kind: 'pipe', address: path });
    process.nextTick(() => request.oncomplete(UV_ECONNREFUSED, this, request, true, true));
    return 0;
  };
}

module.exports = { turnPipes };
