/*
 * The least that a sink can do: takes everything that comes over HTTP/2 on a unix socket, and answers nothing but SETTINGS and PING. What live
 * traffic feels of it, Envoy's own part in recording makes it feel.
 *
 *   cc -O2 -o discard discard.c && ./discard /tmp/sink.sock 24
 *
 * Sleeps for so many milliseconds after each time that it read, as loopd does. Says "ready" when it listens, ends with its stdin. Frames:
 * https://www.rfc-editor.org/rfc/rfc9113#section-4.1
 */
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 64, HEADER = 9, PREFACE = 24, DATA = 0, SETTINGS = 4, PING = 6, WINDOW_UPDATE = 8, ACK = 1 };
/* As long as it may be: nobody waits for an update. */
#define WINDOW 0x7fff0000u
/* The connection gets back what it has used once it is so much. */
#define GIVE_BACK 0x10000000u

struct connection {
  int socket;
  uint32_t preface, have, left, used;
  uint8_t header[HEADER];
  uint8_t ping[8];
};

static struct connection connections[CONNECTIONS];
static int count;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void send_all(int socket, const uint8_t *bytes, size_t size) {
  while (size > 0) {
    ssize_t sent = write(socket, bytes, size);
    if (sent <= 0) return;
    bytes += sent;
    size -= (size_t)sent;
  }
}

static void put32(uint8_t *at, uint32_t value) {
  at[0] = (uint8_t)(value >> 24);
  at[1] = (uint8_t)(value >> 16);
  at[2] = (uint8_t)(value >> 8);
  at[3] = (uint8_t)value;
}

static void send_frame(int socket, uint8_t type, uint8_t flags, const uint8_t *payload, uint8_t size) {
  uint8_t frame[HEADER + 32] = {0, 0, size, type, flags};
  memcpy(frame + HEADER, payload, size);
  send_all(socket, frame, HEADER + (size_t)size);
}

static void give(int socket, uint32_t bytes) {
  uint8_t payload[4];
  put32(payload, bytes);
  send_frame(socket, WINDOW_UPDATE, 0, payload, sizeof payload);
}

static void greet(int socket) {
  /* SETTINGS_MAX_CONCURRENT_STREAMS, SETTINGS_INITIAL_WINDOW_SIZE. */
  uint8_t settings[12] = {0, 3, 0, 0, 0, 0, 0, 4};
  put32(settings + 2, 1000000);
  put32(settings + 8, WINDOW);
  send_frame(socket, SETTINGS, 0, settings, sizeof settings);
  give(socket, WINDOW - 65535);
}

static void frame_ended(struct connection *c) {
  uint8_t type = c->header[3], flags = c->header[4];
  if (type == SETTINGS && !(flags & ACK)) send_frame(c->socket, SETTINGS, ACK, c->ping, 0);
  if (type == PING && !(flags & ACK)) send_frame(c->socket, PING, ACK, c->ping, sizeof c->ping);
  c->have = 0;
}

static void took(struct connection *c, const uint8_t *bytes, size_t size) {
  while (size > 0) {
    size_t part;
    if (c->preface < PREFACE) {
      part = PREFACE - c->preface < size ? PREFACE - c->preface : size;
      c->preface += (uint32_t)part;
    } else if (c->have < HEADER) {
      part = HEADER - c->have < size ? HEADER - c->have : size;
      memcpy(c->header + c->have, bytes, part);
      c->have += (uint32_t)part;
      if (c->have == HEADER) {
        c->left = (uint32_t)c->header[0] << 16 | (uint32_t)c->header[1] << 8 | c->header[2];
        if (c->header[3] == DATA) c->used += c->left;
        if (c->left == 0) frame_ended(c);
      }
    } else {
      part = c->left < size ? c->left : size;
      if (c->header[3] == PING)
        for (size_t at = 0; at < part && c->left - at <= sizeof c->ping; at++) c->ping[sizeof c->ping - (c->left - at)] = bytes[at];
      c->left -= (uint32_t)part;
      if (c->left == 0) frame_ended(c);
    }
    bytes += part;
    size -= part;
  }
  if (c->used < GIVE_BACK) return;
  give(c->socket, c->used);
  c->used = 0;
}

static int listen_at(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  unlink(path);
  if (server < 0 || bind(server, (struct sockaddr *)&address, sizeof address) != 0 || listen(server, 128) != 0) die(path);
  return server;
}

static void read_all(struct pollfd *polled) {
  static uint8_t room[1 << 18];
  for (int index = 0; index < count; index++) {
    if (!polled[2 + index].revents) continue;
    ssize_t got = read(connections[index].socket, room, sizeof room);
    if (got > 0) {
      took(&connections[index], room, (size_t)got);
      continue;
    }
    close(connections[index].socket);
    connections[index].socket = -1;
  }
  int kept = 0;
  for (int index = 0; index < count; index++)
    if (connections[index].socket >= 0) connections[kept++] = connections[index];
  count = kept;
}

int main(int words, char **word) {
  struct pollfd polled[2 + CONNECTIONS];
  if (words != 3) return 2;
  int server = listen_at(word[1]);
  struct timespec pause = {0, atol(word[2]) * 1000000};
  puts("ready");
  fflush(stdout);
  for (;;) {
    polled[0] = (struct pollfd){0, POLLIN, 0};
    polled[1] = (struct pollfd){count < CONNECTIONS ? server : -1, POLLIN, 0};
    for (int index = 0; index < count; index++) polled[2 + index] = (struct pollfd){connections[index].socket, POLLIN, 0};
    if (poll(polled, (nfds_t)(2 + count), -1) < 0) die("poll");
    if (polled[0].revents) return 0;
    read_all(polled);
    if (polled[1].revents) {
      int socket = accept(server, NULL, NULL);
      if (socket < 0) die("accept");
      connections[count++] = (struct connection){.socket = socket};
      greet(socket);
    }
    nanosleep(&pause, NULL);
  }
}
