/*
 * HTTP/1.1 at a fixed rate, whatever becomes of the answers: request n is due at start + n / rate, and its latency counts from then, also when it
 * had to wait for a connection or for this program. One thread, keep-alive connections, epoll, no allocation after the start, nothing but libc.
 *
 *   http-load --port 8080 --rate 500 --seconds 10 --connections 64 --body 1000 --answer 1000
 *
 * Every request is a transaction of its own: POST /<bytes>[/500], a trace id nobody else has (seed and number), x-number, which the answer has to
 * echo. An answer is right when it has the status and the length its path asks for, and the number of its request. Nothing is tried again.
 * stdout: the line "started" when the measured part begins (behind --warmup), then one JSON object. Latencies in ms; buckets are 0.1 % wide.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
#define HEAD 4096
#define SUB 1024
#define BUCKETS (SUB * 34)
#define MOST_SECONDS 4096

struct options {
  long port, rate, seconds, warmup, connections, body, answer, fail_every, big_every, big_answer, grace, core, nice;
  unsigned long seed;
};

static struct options opt = {.rate = 500, .seconds = 10, .connections = 64, .grace = 30, .core = -1, .seed = 1};

/* ---- latencies: microseconds, linear up to 1024, then 512 buckets for each doubling ---- */

struct histogram {
  uint64_t count[BUCKETS], total, max;
};

static int bucket_of(uint64_t us) {
  if (us < SUB) return (int)us;
  int shift = 63 - __builtin_clzll(us) - 9;
  int at = shift * (SUB / 2) + (int)(us >> shift);
  return at < BUCKETS ? at : BUCKETS - 1;
}

static uint64_t value_of(int bucket) {
  if (bucket < SUB) return (uint64_t)bucket;
  int shift = bucket / (SUB / 2) - 1;
  return (uint64_t)(bucket - shift * (SUB / 2)) << shift;
}

static void note(struct histogram *h, int64_t ns) {
  uint64_t us = ns < 0 ? 0 : (uint64_t)ns / 1000;
  h->count[bucket_of(us)]++;
  h->total++;
  if (us > h->max) h->max = us;
}

static double at_share(const struct histogram *h, double share) {
  uint64_t wanted = (uint64_t)(share * (double)h->total + 0.999999), seen = 0;
  if (h->total == 0) return 0;
  for (int i = 0; i < BUCKETS; i++) {
    seen += h->count[i];
    if (seen >= wanted && seen > 0) return (double)value_of(i) / 1000;
  }
  return (double)h->max / 1000;
}

/* ---- state ---- */

enum phase { CONNECTING, IDLE, BUSY, DOWN };

struct connection {
  int fd;
  enum phase phase;
  long number;       /* of the request under way */
  int head_length;   /* of the request's head */
  size_t sent, size; /* of the request */
  char head[512];
  int got;      /* bytes of the answer's head */
  long body;    /* bytes of the answer's body that are missing; -1: still in the head */
  int right;    /* whether the head says what was asked for */
  int last;     /* whether the peer ends the connection behind this answer */
  int64_t retry_at;
  char answer[HEAD];
};

static struct histogram latency, noticed, waited;
static struct connection *connections;
static int *idle, idle_count, down_count, epoll_fd;
static char *body, scratch[1 << 18];
static long done, answered, wrong, closed, connect_errors, reconnects, over_second, over_tenth, first_measured;
static long second_max[MOST_SECONDS], second_errors[MOST_SECONDS];
static int64_t start;

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * SECOND + t.tv_nsec;
}

static int64_t due(long number) { return start + (int64_t)((__int128)number * SECOND / opt.rate); }
static long second_of(long number) {
  long second = (number - first_measured) / opt.rate;
  return second < MOST_SECONDS ? second : MOST_SECONDS - 1;
}
static int fails(long n) { return opt.fail_every > 0 && n % opt.fail_every == opt.fail_every - 1; }
static int big(long n) { return opt.big_every > 0 && n % opt.big_every == opt.big_every - 1; }
static long answer_size(long n) { return big(n) ? opt.big_answer : opt.answer; }

static void die(const char *what) {
  fprintf(stderr, "http-load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void finish(long number, int good, long *why) {
  int64_t took = now_ns() - due(number);
  done++;
  if (number < first_measured) {
    if (!good) (*why)++, second_errors[0]++;
    return;
  }
  note(&latency, took);
  long second = second_of(number), us = (long)(took / 1000);
  if (us > second_max[second]) second_max[second] = us;
  if (took > SECOND) over_second++;
  if (took > SECOND / 10) over_tenth++;
  if (good) answered++;
  else (*why)++, second_errors[second]++;
}

/* ---- connections ---- */

static void open_connection(struct connection *c) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)opt.port)};
  int one = 1;
  inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (c->fd < 0) die("socket");
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  c->phase = CONNECTING;
  if (connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) {
    close(c->fd);
    c->phase = DOWN;
    c->retry_at = now_ns() + SECOND / 100;
    connect_errors++, down_count++;
    return;
  }
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event) < 0) die("epoll_ctl");
}

static void set_idle(struct connection *c) {
  c->phase = IDLE;
  idle[idle_count++] = (int)(c - connections);
}

static void drop(struct connection *c) {
  if (c->phase == BUSY) finish(c->number, 0, &closed);
  if (c->phase == CONNECTING) connect_errors++;
  if (c->phase == IDLE) {
    reconnects++;
    for (int i = 0; i < idle_count; i++)
      if (idle[i] == (int)(c - connections)) {
        memmove(idle + i, idle + i + 1, (size_t)(--idle_count - i) * sizeof *idle);
        break;
      }
  }
  close(c->fd);
  c->phase = DOWN;
  c->retry_at = now_ns() + SECOND / 100;
  down_count++;
}

/* ---- one exchange ---- */

static void send_rest(struct connection *c) {
  while (c->sent < c->size) {
    struct iovec parts[2];
    int count = 0;
    size_t head = (size_t)c->head_length;
    if (c->sent < head) parts[count++] = (struct iovec){c->head + c->sent, head - c->sent};
    size_t from = c->sent > head ? c->sent - head : 0;
    if (from < (size_t)opt.body) parts[count++] = (struct iovec){body + from, (size_t)opt.body - from};
    ssize_t wrote = writev(c->fd, parts, count);
    if (wrote < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) drop(c);
      return;
    }
    c->sent += (size_t)wrote;
  }
}

static void begin(struct connection *c, long number) {
  c->phase = BUSY;
  c->number = number;
  c->got = 0;
  c->body = -1;
  c->sent = 0;
  c->head_length = snprintf(c->head, sizeof c->head,
    "POST /%ld%s HTTP/1.1\r\nhost: front\r\nuser-agent: http-load\r\naccept: */*\r\ncontent-type: application/json\r\n"
    "traceparent: 00-%016lx%016lx-%016lx-01\r\nx-number: %ld\r\ncontent-length: %ld\r\n\r\n",
    answer_size(number), fails(number) ? "/500" : "", opt.seed, (unsigned long)number + 1, (unsigned long)number + 1, number, opt.body);
  c->size = (size_t)(c->head_length + opt.body);
  send_rest(c);
}

static long header(const char *head, const char *name) {
  const char *at = strcasestr(head, name);
  return at == NULL ? -1 : atol(at + strlen(name));
}

/* Returns how many of the bytes belonged to the head, or -1 when it is none. */
static long take_head(struct connection *c, const char *bytes, long count) {
  int before = c->got;
  long room = HEAD - 1 - c->got, take = count < room ? count : room;
  memcpy(c->answer + c->got, bytes, (size_t)take);
  c->got += (int)take;
  c->answer[c->got] = 0;
  char *end = strstr(c->answer, "\r\n\r\n");
  if (end == NULL) return c->got == HEAD - 1 ? -1 : count;
  end[2] = 0;
  c->body = header(c->answer, "\r\ncontent-length:");
  if (c->body < 0) return -1;
  long status = strlen(c->answer) > 12 ? atol(c->answer + 9) : 0;
  c->right = status == (fails(c->number) ? 500 : 200) && c->body == answer_size(c->number) &&
             header(c->answer, "\r\nx-number:") == c->number;
  c->last = strcasestr(c->answer, "\r\nconnection: close") != NULL;
  return (end + 4 - c->answer) - before;
}

static void take(struct connection *c, const char *bytes, long count) {
  if (c->phase != BUSY) return drop(c); /* an answer nobody asked for */
  if (c->body < 0) {
    long used = take_head(c, bytes, count);
    if (used < 0) return drop(c);
    if (c->body < 0) return;
    count -= used;
  }
  if (count > c->body) return drop(c);
  c->body -= count;
  if (c->body > 0) return;
  if (c->sent < c->size) return drop(c); /* answered before it was asked: the rest would stand in front of the next request */
  finish(c->number, c->right, &wrong);
  if (!c->last) return set_idle(c);
  close(c->fd);
  open_connection(c);
}

static void receive(struct connection *c) {
  while (c->phase == BUSY || c->phase == IDLE) {
    ssize_t count = read(c->fd, scratch, sizeof scratch);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return drop(c);
    take(c, scratch, count);
  }
}

static void on_event(struct connection *c, uint32_t events) {
  if (c->phase == DOWN) return;
  if (c->phase == CONNECTING) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0 || (events & EPOLLHUP)) return drop(c);
    if (events & EPOLLOUT) set_idle(c);
    return;
  }
  if (c->phase == BUSY && (events & EPOLLOUT)) send_rest(c);
  if (c->phase != DOWN && (events & ~(uint32_t)EPOLLOUT)) receive(c);
}

static void wait_for_events(int64_t until) {
  struct epoll_event events[256];
  int64_t left = until - now_ns();
  if (left < 0) left = 0;
  struct timespec timeout = {left / SECOND, left % SECOND};
  int count = epoll_pwait2(epoll_fd, events, 256, &timeout, NULL);
  if (count < 0 && errno != EINTR) die("epoll_pwait2");
  for (int i = 0; i < count; i++) on_event(events[i].data.ptr, events[i].events);
  if (down_count == 0) return;
  int64_t now = now_ns();
  for (long i = 0; i < opt.connections; i++)
    if (connections[i].phase == DOWN && connections[i].retry_at <= now) down_count--, open_connection(&connections[i]);
}

/* ---- the run ---- */

static void prepare(void) {
  if (opt.core >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)opt.core, &set);
    if (sched_setaffinity(0, sizeof set, &set) < 0) die("sched_setaffinity");
  }
  if (opt.nice != 0 && setpriority(PRIO_PROCESS, 0, (int)opt.nice) < 0) fprintf(stderr, "http-load: no priority: %s\n", strerror(errno));
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  connections = calloc((size_t)opt.connections, sizeof *connections);
  idle = calloc((size_t)opt.connections, sizeof *idle);
  body = malloc((size_t)opt.body + 1);
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (connections == NULL || idle == NULL || body == NULL || epoll_fd < 0) die("start");
  memset(body, 'q', (size_t)opt.body);
  for (long i = 0; i < opt.connections; i++) open_connection(&connections[i]);
  int64_t until = now_ns() + 10 * SECOND;
  while (idle_count < opt.connections) {
    if (now_ns() > until) errno = ETIMEDOUT, die("connecting");
    wait_for_events(now_ns() + SECOND / 100);
  }
  connect_errors = 0;
}

static void run(long total) {
  long sent = 0, seen = 0, told = 0;
  start = now_ns() + SECOND / 100;
  int64_t last = due(total) + opt.grace * SECOND;
  while (done < total) {
    int64_t now = now_ns();
    if (now > last) break;
    for (; seen < total && due(seen) <= now; seen++)
      if (seen >= first_measured) note(&noticed, now - due(seen));
    if (!told && seen >= first_measured) puts("started"), fflush(stdout), told = 1;
    while (sent < seen && idle_count > 0) {
      struct connection *c = &connections[idle[0]];
      memmove(idle, idle + 1, (size_t)--idle_count * sizeof *idle);
      if (sent >= first_measured) note(&waited, now_ns() - due(sent));
      begin(c, sent++);
    }
    int64_t wake = seen < total ? due(seen) : last;
    if (down_count > 0 && wake > now + SECOND / 100) wake = now + SECOND / 100;
    wait_for_events(wake);
  }
}

static void print_histogram(const char *name, const struct histogram *h) {
  printf("\"%s\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f},", name, at_share(h, 0.5), at_share(h, 0.9),
         at_share(h, 0.99), at_share(h, 0.999), (double)h->max / 1000);
}

static void report(long total) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  long unanswered = total - done;
  printf("{\"requests\":%ld,\"warmup\":%ld,\"answered\":%ld,\"errors\":%ld,\"wrong\":%ld,\"closed\":%ld,\"unanswered\":%ld,\"connectErrors\":%ld,"
         "\"reconnects\":%ld,\"overOneSecond\":%ld,\"overTenth\":%ld,\"cpuSeconds\":%.6f,",
         total - first_measured, first_measured, answered, wrong + closed + unanswered + connect_errors, wrong, closed, unanswered,
         connect_errors, reconnects, over_second, over_tenth,
         (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
  print_histogram("latencyMs", &latency);
  print_histogram("noticedMs", &noticed);
  print_histogram("waitedMs", &waited);
  printf("\"longestMsOfSecond\":[");
  for (long i = 0; i < opt.seconds && i < MOST_SECONDS; i++) printf("%s%.1f", i ? "," : "", (double)second_max[i] / 1000);
  printf("],\"errorsOfSecond\":[");
  for (long i = 0; i < opt.seconds && i < MOST_SECONDS; i++) printf("%s%ld", i ? "," : "", second_errors[i]);
  printf("]}\n");
}

static void read_options(int argc, char **argv) {
  struct { const char *name; long *value; } known[] = {
    {"--port", &opt.port}, {"--rate", &opt.rate}, {"--seconds", &opt.seconds}, {"--warmup", &opt.warmup}, {"--connections", &opt.connections},
    {"--body", &opt.body}, {"--answer", &opt.answer}, {"--fail-every", &opt.fail_every}, {"--big-every", &opt.big_every},
    {"--big-answer", &opt.big_answer}, {"--grace", &opt.grace}, {"--core", &opt.core}, {"--nice", &opt.nice}, {"--seed", (long *)&opt.seed}};
  for (int i = 1; i + 1 < argc; i += 2) {
    size_t k = 0, count = sizeof known / sizeof *known;
    while (k < count && strcmp(known[k].name, argv[i]) != 0) k++;
    if (k == count) fprintf(stderr, "http-load: no option %s\n", argv[i]), exit(2);
    *known[k].value = strtol(argv[i + 1], NULL, 10);
  }
  if (argc % 2 == 0 || opt.port <= 0 || opt.rate <= 0 || opt.seconds <= 0 || opt.connections <= 0)
    fprintf(stderr, "usage: http-load --port N --rate N --seconds N …\n"), exit(2);
}

int main(int argc, char **argv) {
  read_options(argc, argv);
  prepare();
  first_measured = opt.rate * opt.warmup;
  long total = first_measured + opt.rate * opt.seconds;
  run(total);
  report(total);
  return 0;
}
