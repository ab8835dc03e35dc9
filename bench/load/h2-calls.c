/*
 * Sends calls the way sidecars do, at a fixed rate or flat out, to any HTTP/2 server, and reads what that server's CPU did meanwhile.
 *
 *   cc -O2 -o h2-calls h2-calls.c
 *   h2-calls --unix /run/loop/sink.sock --script calls.bin --connections 4 --rate 5000 --warm 2.5 --seconds 4 --watch PID
 *
 * A script (bench/load/script.ts) has the bytes of a call in phases: the request's messages, the response's, the end. Each phase is written at
 * its intended time, whatever became of those before it (open loop); what could not be is late, and said. Ids are made anew for each call, so
 * that every one is a transaction of its own. Windows, SETTINGS and the limit of open streams are the peer's. One JSON object on stdout.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { FIRST, REQUEST, RESPONSE, END, PHASES };
enum { PATCH_STREAM, PATCH_HEX };
enum { OUT_BYTES = 256 * 1024, SLOTS = 1 << 14, NIBBLES = 96, MAX_FRAME = 16384 };
enum { F_DATA = 0, F_HEADERS = 1, F_RST = 3, F_SETTINGS = 4, F_PING = 6, F_GOAWAY = 7, F_WINDOW = 8 };

struct patch { uint32_t at, kind, from, count; };
struct phase { uint8_t *bytes; struct patch *patches; uint32_t length, patch_count; };

struct connection {
  int fd, failed, pinged, drained, blocked, writable_wanted;
  uint8_t *out;
  size_t out_start, out_end;
  int64_t window;
  /* Of each open stream: bytes it may still send. By stream number, halved, modulo SLOTS. */
  int32_t *windows;
  int64_t initial_window;
  uint32_t max_streams;
  /* Calls of this connection: begun, answered, ended. They are numbered as streams are. */
  uint64_t requests, responses, ends;
  /* The phase that did not fit yet: its bytes with ids, and how far it is written. */
  uint8_t *pending;
  uint32_t pending_length, pending_at;
  uint32_t pending_slot;
  uint8_t head[9], payload[MAX_FRAME];
  uint32_t head_have, payload_have;
};

static struct phase phases[PHASES];
static uint8_t *preface;
static uint32_t preface_length;
static struct connection *connections;
static int connection_count = 4, epoll_fd, timer_fd, stopping;
static double rate = 0, warm = 2, seconds = 4, linger_ms = 1000, service_ms = 5;
static uint64_t seed = 1, open_calls = 64;
static int64_t began;
static struct { uint64_t headers, data_bytes, resets, pings, goaways, windows, broken; int goaway_code; } answered;
static struct { uint64_t calls, bytes, late; int64_t latest; } sent;

static void die(const char *what) {
  fprintf(stderr, "h2-calls: %s: %s\n", what, strerror(errno));
  exit(2);
}

static int64_t now_ns(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

static uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/* ---- script ---- */

static uint32_t read_u32(FILE *file) {
  uint32_t value;
  if (fread(&value, 4, 1, file) != 1) die("script is too short");
  return value;
}

static uint8_t *read_bytes(FILE *file, uint32_t length) {
  uint8_t *bytes = malloc(length + 1);
  if (bytes == NULL || (length > 0 && fread(bytes, length, 1, file) != 1)) die("script is too short");
  return bytes;
}

static void read_script(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) die(path);
  preface_length = read_u32(file);
  preface = read_bytes(file, preface_length);
  for (int i = 0; i < PHASES; i++) {
    phases[i].length = read_u32(file);
    phases[i].patch_count = read_u32(file);
    phases[i].patches = (struct patch *)read_bytes(file, phases[i].patch_count * sizeof(struct patch));
    phases[i].bytes = read_bytes(file, phases[i].length);
  }
  fclose(file);
}

static void patch(uint8_t *bytes, const struct phase *phase, uint32_t stream, uint64_t call) {
  static const char digits[] = "0123456789abcdef";
  uint8_t nibbles[NIBBLES];
  for (int word = 0; word < NIBBLES / 16; word++) {
    uint64_t value = mix(mix(seed * 64 + word) ^ call);
    for (int i = 0; i < 16; i++, value >>= 4) nibbles[word * 16 + i] = digits[value & 15];
  }
  for (uint32_t i = 0; i < phase->patch_count; i++) {
    const struct patch *one = &phase->patches[i];
    if (one->kind == PATCH_STREAM) {
      uint32_t number = htonl(stream);
      memcpy(bytes + one->at, &number, 4);
    } else memcpy(bytes + one->at, nibbles + one->from, one->count);
  }
}

/* ---- sending ---- */

static void send_out(struct connection *c) {
  while (c->out_start < c->out_end) {
    ssize_t n = write(c->fd, c->out + c->out_start, c->out_end - c->out_start);
    if (n < 0) {
      if (errno == EAGAIN) break;
      if (errno == EINTR) continue;
      c->failed = 1, answered.broken++;
      return;
    }
    c->out_start += n;
    sent.bytes += n;
  }
  if (c->out_start == c->out_end) c->out_start = c->out_end = 0;
}

static int room_for(struct connection *c, size_t length) {
  if (OUT_BYTES - c->out_end >= length) return 1;
  memmove(c->out, c->out + c->out_start, c->out_end - c->out_start);
  c->out_end -= c->out_start, c->out_start = 0;
  return OUT_BYTES - c->out_end >= length;
}

static void put(struct connection *c, const void *bytes, size_t length) {
  memcpy(c->out + c->out_end, bytes, length);
  c->out_end += length;
}

/* Frames of the pending phase, as many as the buffer and the windows take. True when it is done. */
static int put_pending(struct connection *c) {
  while (c->pending_at < c->pending_length) {
    uint8_t *frame = c->pending + c->pending_at;
    uint32_t length = (uint32_t)frame[0] << 16 | frame[1] << 8 | frame[2];
    if (!room_for(c, length + 9)) {
      send_out(c);
      if (c->failed || !room_for(c, length + 9)) return 0;
    }
    if (frame[3] == F_DATA && length > 0) {
      if (c->window < length || c->windows[c->pending_slot] < (int32_t)length) {
        c->blocked = 1;
        return 0;
      }
      c->window -= length;
      c->windows[c->pending_slot] -= length;
    }
    put(c, frame, length + 9);
    c->pending_at += length + 9;
  }
  c->pending_length = c->pending_at = 0;
  return 1;
}

static uint64_t call_number(const struct connection *c, uint64_t local) {
  return local * connection_count + (c - connections);
}

static int64_t intended(const struct connection *c, uint64_t local, int phase) {
  double at = call_number(c, local) * (1e9 / rate);
  if (phase != REQUEST) at += service_ms * 1e6;
  if (phase == END) at += linger_ms * 1e6;
  return began + (int64_t)at;
}

/* Which phase of which call comes next on this connection, and when. PHASES when none may. */
static int next_phase(const struct connection *c, uint64_t *local, int64_t *due) {
  int may_begin = !stopping && c->requests - c->ends < c->max_streams && c->requests - c->ends < SLOTS - 1;
  if (rate <= 0 || stopping) {
    *due = 0;
    if (c->responses < c->requests) return *local = c->responses, RESPONSE;
    if (c->ends < c->responses && (stopping || c->requests - c->ends >= open_calls)) return *local = c->ends, END;
    return may_begin ? (*local = c->requests, REQUEST) : PHASES;
  }
  int phase = PHASES;
  *due = INT64_MAX;
  if (c->ends < c->responses) phase = END, *local = c->ends, *due = intended(c, c->ends, END);
  if (c->responses < c->requests) {
    int64_t at = intended(c, c->responses, RESPONSE);
    if (at < *due) phase = RESPONSE, *local = c->responses, *due = at;
  }
  if (may_begin) {
    int64_t at = intended(c, c->requests, REQUEST);
    if (at < *due) phase = REQUEST, *local = c->requests, *due = at;
  }
  return phase;
}

/* Returns when this connection wants to be looked at again: a time, or INT64_MAX when only the peer can tell. */
static int64_t pump(struct connection *c, int64_t now) {
  c->blocked = 0;
  if (c->failed) return INT64_MAX;
  for (;;) {
    if (c->pending_length > 0 && !put_pending(c)) break;
    uint64_t local;
    int64_t due;
    int phase = next_phase(c, &local, &due);
    if (phase == PHASES || due > now) {
      send_out(c);
      return phase == PHASES ? INT64_MAX : due;
    }
    if (due > 0 && !stopping) {
      int64_t late = now - due;
      if (late > sent.latest) sent.latest = late;
      if (late > 10000000) sent.late++;
    }
    uint32_t stream = (uint32_t)(local * 2 + 1);
    const struct phase *what = &phases[phase == REQUEST && local == 0 ? FIRST : phase];
    c->pending_slot = local & (SLOTS - 1);
    if (phase == REQUEST) c->requests++, sent.calls++, c->windows[c->pending_slot] = (int32_t)c->initial_window;
    else if (phase == RESPONSE) c->responses++;
    else c->ends++;
    memcpy(c->pending, what->bytes, what->length);
    patch(c->pending, what, stream, call_number(c, local));
    c->pending_length = what->length, c->pending_at = 0;
  }
  send_out(c);
  /* Nothing is left in the buffer: no event of the socket would wake us for what did not fit before. */
  return !c->blocked && c->out_end == 0 ? 0 : INT64_MAX;
}

/* ---- what the peer says ---- */

static uint32_t u32(const uint8_t *at) { return (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3]; }

/* Only acknowledgements are answered. */
static void acknowledge(struct connection *c, uint8_t type, const uint8_t *payload, uint32_t length) {
  uint8_t frame[17] = {0, 0, 0, type, 1, 0, 0, 0, 0};
  frame[2] = length;
  if (length > 0) memcpy(frame + 9, payload, length);
  if (room_for(c, 9 + length)) put(c, frame, 9 + length);
}

static void on_settings(struct connection *c, const uint8_t *payload, uint32_t length) {
  for (uint32_t at = 0; at + 6 <= length; at += 6) {
    uint32_t id = payload[at] << 8 | payload[at + 1], value = u32(payload + at + 2);
    if (id == 3) c->max_streams = value;
    if (id == 4) {
      for (int i = 0; i < SLOTS; i++) c->windows[i] += (int32_t)(value - c->initial_window);
      c->initial_window = value;
    }
  }
  acknowledge(c, F_SETTINGS, NULL, 0);
}

static void on_frame(struct connection *c) {
  uint8_t type = c->head[3], flags = c->head[4];
  uint32_t stream = u32(c->head + 5) & 0x7fffffff, length = c->payload_have;
  switch (type) {
    case F_SETTINGS: if (!(flags & 1)) on_settings(c, c->payload, length); break;
    case F_PING:
      if (flags & 1) c->drained = 1;
      else answered.pings++, acknowledge(c, F_PING, c->payload, 8);
      break;
    case F_WINDOW: {
      uint32_t more = u32(c->payload) & 0x7fffffff;
      answered.windows++;
      if (stream == 0) c->window += more;
      else c->windows[(stream >> 1) & (SLOTS - 1)] += more;
      break;
    }
    case F_HEADERS: answered.headers++; break;
    case F_DATA: answered.data_bytes += length; break;
    case F_RST: answered.resets++; break;
    case F_GOAWAY: answered.goaways++, answered.goaway_code = (int)u32(c->payload + 4); break;
  }
}

static void hear(struct connection *c) {
  static uint8_t buffer[256 * 1024];
  for (;;) {
    ssize_t n = read(c->fd, buffer, sizeof buffer);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
      if (!c->failed) c->failed = 1, answered.broken++;
      return;
    }
    for (ssize_t at = 0; at < n;) {
      if (c->head_have < 9) {
        c->head[c->head_have++] = buffer[at++];
        if (c->head_have < 9) continue;
        c->payload_have = 0;
      }
      uint32_t length = (uint32_t)c->head[0] << 16 | c->head[1] << 8 | c->head[2];
      uint32_t take = length - c->payload_have;
      if (length > MAX_FRAME) { c->failed = 1; answered.broken++; return; }
      if (take > n - at) take = n - at;
      memcpy(c->payload + c->payload_have, buffer + at, take);
      c->payload_have += take, at += take;
      if (c->payload_have == length) on_frame(c), c->head_have = 0;
    }
    if (n < (ssize_t)sizeof buffer) return;
  }
}

/* ---- CPU of the watched process, all its threads: what /proc/PID/stat says in ticks of 10 ms (utime + stime), in nanoseconds. ---- */

static int64_t cpu_of(int pid) {
  clockid_t clock;
  struct timespec at;
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &at) != 0) die("cannot read the CPU clock of --watch");
  return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

static int64_t own_cpu(void) {
  struct timespec at;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
  return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

/* ---- */

static int dial(const char *unix_path, const char *host, int port) {
  int fd = socket(unix_path ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
  struct sockaddr_un local = {.sun_family = AF_UNIX};
  struct sockaddr_in remote = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (unix_path) strncpy(local.sun_path, unix_path, sizeof local.sun_path - 1);
  else inet_pton(AF_INET, host, &remote.sin_addr);
  if (connect(fd, unix_path ? (void *)&local : (void *)&remote, unix_path ? sizeof local : sizeof remote) < 0) die("connect");
  int one = 1;
  if (!unix_path) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

static void open_connection(struct connection *c, const char *unix_path, const char *host, int port) {
  uint32_t longest = 0;
  for (int i = 0; i < PHASES; i++) if (phases[i].length > longest) longest = phases[i].length;
  c->fd = dial(unix_path, host, port);
  c->out = malloc(OUT_BYTES), c->pending = malloc(longest), c->windows = calloc(SLOTS, sizeof(int32_t));
  c->window = 65535, c->initial_window = 65535, c->max_streams = 100;
  put(c, preface, preface_length);
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event);
}

/* Waits until `until` or until a connection has something to say. */
static void wait_until(int64_t until, int64_t now) {
  struct epoll_event events[64];
  int timeout = until <= now ? 0 : -1;
  if (timeout < 0) {
    struct itimerspec at = {.it_value = {.tv_sec = until / 1000000000, .tv_nsec = until % 1000000000}};
    timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
  }
  int n = epoll_wait(epoll_fd, events, 64, timeout);
  for (int i = 0; i < n; i++) {
    struct connection *c = events[i].data.ptr;
    if (c == NULL) {
      uint64_t times;
      if (read(timer_fd, &times, 8) < 0) continue;
    } else if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) hear(c);
  }
}

static void run_until(int64_t until) {
  for (int64_t now = now_ns(); now < until; now = now_ns()) {
    int64_t next = until;
    int alive = 0;
    for (int i = 0; i < connection_count; i++) {
      int64_t wants = pump(&connections[i], now);
      if (wants < next) next = wants;
      alive |= !connections[i].failed;
    }
    if (!alive) return;
    wait_until(next, now_ns());
  }
}

static int all(int (*is)(const struct connection *)) {
  for (int i = 0; i < connection_count; i++) if (!is(&connections[i])) return 0;
  return 1;
}
static int is_over(const struct connection *c) {
  return c->failed || (c->ends == c->requests && c->pending_length == 0 && c->out_end == c->out_start);
}
static int is_drained(const struct connection *c) { return c->failed || c->drained; }
static int is_greeted(const struct connection *c) { return c->failed || c->max_streams != 100; }

int main(int argc, char **argv) {
  const char *unix_path = NULL, *host = "127.0.0.1", *script = NULL;
  int port = 0, watch = 0, core = -1;
  for (int i = 1; i + 1 < argc; i += 2) {
    const char *name = argv[i], *value = argv[i + 1];
    if (!strcmp(name, "--unix")) unix_path = value;
    else if (!strcmp(name, "--host")) host = value;
    else if (!strcmp(name, "--port")) port = atoi(value);
    else if (!strcmp(name, "--script")) script = value;
    else if (!strcmp(name, "--connections")) connection_count = atoi(value);
    else if (!strcmp(name, "--rate")) rate = atof(value);
    else if (!strcmp(name, "--warm")) warm = atof(value);
    else if (!strcmp(name, "--seconds")) seconds = atof(value);
    else if (!strcmp(name, "--linger")) linger_ms = atof(value);
    else if (!strcmp(name, "--service")) service_ms = atof(value);
    else if (!strcmp(name, "--open")) open_calls = strtoull(value, NULL, 10);
    else if (!strcmp(name, "--seed")) seed = strtoull(value, NULL, 10);
    else if (!strcmp(name, "--watch")) watch = atoi(value);
    else if (!strcmp(name, "--core")) core = atoi(value);
    else { fprintf(stderr, "h2-calls: unknown option %s\n", name); return 2; }
  }
  if (script == NULL || (unix_path == NULL && port == 0)) { fprintf(stderr, "h2-calls: --script and --unix or --port are needed\n"); return 2; }
  if (core >= 0) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(core, &cores);
    if (sched_setaffinity(0, sizeof cores, &cores) < 0) die("sched_setaffinity");
  }
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_TIMERSLACK, 1UL);
  read_script(script);
  epoll_fd = epoll_create1(0), timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, timer_fd, &event);
  connections = calloc(connection_count, sizeof *connections);
  for (int i = 0; i < connection_count; i++) open_connection(&connections[i], unix_path, host, port);

  /* Nothing is sent before the peer has said how much it takes. */
  stopping = 1;
  for (int64_t until = now_ns() + 2000000000LL; now_ns() < until && !all(is_greeted);) run_until(now_ns() + 10000000);
  stopping = 0;

  began = now_ns();
  run_until(began + (int64_t)(warm * 1e9));
  int64_t mark = now_ns(), cpu = watch ? cpu_of(watch) : 0, own = own_cpu();
  uint64_t calls = sent.calls, bytes = sent.bytes;
  sent.latest = 0, sent.late = 0;
  run_until(mark + (int64_t)(seconds * 1e9));
  int64_t end = now_ns(), cpu_end = watch ? cpu_of(watch) : 0, own_end = own_cpu();
  calls = sent.calls - calls, bytes = sent.bytes - bytes;
  int64_t latest = sent.latest;
  uint64_t late = sent.late;

  stopping = 1;
  int64_t give_up = now_ns() + 60000000000LL;
  while (now_ns() < give_up && !all(is_over)) run_until(now_ns() + 5000000);
  for (int i = 0; i < connection_count; i++) {
    static const uint8_t ping[17] = {0, 0, 8, F_PING, 0, 0, 0, 0, 0, 'b', 'e', 'n', 'c', 'h', 'e', 'n', 'd'};
    if (!connections[i].failed && room_for(&connections[i], 17)) put(&connections[i], ping, 17);
  }
  while (now_ns() < give_up && !all(is_drained)) run_until(now_ns() + 5000000);

  double wall = (end - mark) / 1e9;
  printf("{\"calls\":%llu,\"seconds\":%.4f,\"rate\":%.1f,\"megabytesPerSecond\":%.2f,", (unsigned long long)calls, wall, calls / wall, bytes / wall / 1e6);
  printf("\"cpuSeconds\":%.6f,\"ownCpuSeconds\":%.6f,\"late\":%llu,\"latestMs\":%.2f,", (cpu_end - cpu) / 1e9, (own_end - own) / 1e9, (unsigned long long)late, latest / 1e6);
  printf("\"sentInAll\":%llu,\"bytesInAll\":%llu,\"drained\":%s,", (unsigned long long)sent.calls, (unsigned long long)sent.bytes, all(is_drained) && answered.broken == 0 ? "true" : "false");
  printf("\"answered\":{\"headers\":%llu,\"dataBytes\":%llu,\"resets\":%llu,\"pings\":%llu,\"windowUpdates\":%llu,\"goaways\":%llu,\"goawayCode\":%d,\"broken\":%llu}}\n",
         (unsigned long long)answered.headers, (unsigned long long)answered.data_bytes, (unsigned long long)answered.resets, (unsigned long long)answered.pings,
         (unsigned long long)answered.windows, (unsigned long long)answered.goaways, answered.goaway_code, (unsigned long long)answered.broken);
  return 0;
}
