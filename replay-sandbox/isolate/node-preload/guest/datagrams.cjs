'use strict';
/** UDP: questions to a name server go to the replay's; everything else is told, and sent nowhere. */
const { UDP } = process.binding('udp_wrap');

const LOOPBACK = '127.0.0.1';
const DNS_PORT = 53;
/** The discard port: nobody is there. */
const NOWHERE = 9;

const { send, connect } = UDP.prototype;

/** @param {number} dns port of the replay's name server, on 127.0.0.1 */
function turnDatagrams(gate, dns) {
  UDP.prototype.send = turnedSend(gate, dns, send);
  UDP.prototype.send6 = turnedSend(gate, dns, UDP.prototype.send6);
  const turnedConnect = function turned(address, port) {
    if (port !== DNS_PORT) gate.tell({ kind: 'datagram', address, port });
    return connect.call(this, LOOPBACK, port === DNS_PORT ? dns : NOWHERE);
  };
  UDP.prototype.connect = turnedConnect;
  UDP.prototype.connect6 = turnedConnect;
}

function turnedSend(gate, dns, plain) {
  return function turned(request, list, count, port, address, ...others) {
    // Without an address it is connected, and to nowhere but where that was turned to.
    if (typeof port !== 'number') return plain.call(this, request, list, count, port, address, ...others);
    if (port === DNS_PORT) return send.call(this, request, list, count, dns, LOOPBACK, ...others);
    gate.tell({ kind: 'datagram', address, port });
    // As if it were sent at once: its length, plus one.
    return list.reduce((sum, part) => sum + part.length, 1);
  };
}

module.exports = { turnDatagrams };
