/**
 * node:http, asked for in a way that loads it and nothing else. An import statement reads all its exports, among them WebSocket, which loads
 * a whole HTTP client of Node's own: some 50 ms of every replay (observed with Node 24).
 */
export const { createServer, get, request, ServerResponse } = process.getBuiltinModule('node:http');
