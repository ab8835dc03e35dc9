'use strict';
/** The line to the replay: one per process, and it does not keep the process alive. Each message is a line of JSON. */
const net = require('node:net');

class Gate {
  #token;
  #asked = 0;
  /** @type {Map<number, (goes: boolean) => void>} */
  #waiting = new Map();
  /** @type {net.Socket | undefined} */
  #line;
  /** Of the other end, on 127.0.0.1. */
  port;

  /** @param {string} token tells the other end that we are of its service */
  constructor(port, token) {
    this.port = port;
    this.#token = token;
  }

  tell(message) {
    this.#line ??= this.#open();
    this.#line.write(this.#text(message));
  }

  /** Whether anything answers there. */
  ask(address, port, done) {
    const id = ++this.#asked;
    this.#waiting.set(id, done);
    this.tell({ kind: 'dial', id, address, port });
    this.#line.ref();
  }

  /** The first line of a connection that is to be taken for one to that address. */
  preamble(address, port) {
    return this.#text({ kind: 'through', address, port });
  }

  #text(message) {
    return `${JSON.stringify({ token: this.#token, ...message })}\n`;
  }

  #open() {
    const socket = new net.Socket();
    let rest = '';
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      for (const text of lines) this.#answered(JSON.parse(text));
    });
    // The replay is over, and with it whatever could be reached.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#refuseAll());
    socket.connect(this.port, '127.0.0.1');
    socket.unref();
    return socket;
  }

  #answered({ id, goes }) {
    const done = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#line.unref();
    done?.(goes);
  }

  #refuseAll() {
    for (const done of this.#waiting.values()) done(false);
    this.#waiting.clear();
  }
}

module.exports = { Gate };
