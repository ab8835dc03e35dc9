/*
 * The application behind the sidecar: HTTP/1.1 on a free port of 127.0.0.1, which is the one line it prints. POST /<bytes>[/<status>] with a
 * content-length is answered, once the body is there, with so many bytes, that status, and the request's x-number. Anything else is a 400 and
 * the end of the connection, so that whatever a sidecar changes shows. One thread, epoll, nothing but libc.
 *
 *   http-upstream --core 1 --nice -10
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <signal.h>

#define HEAD 8192
#define MOST_BYTES (16L << 20)

struct connection {
  int fd, got;
  long body;             /* bytes of the request's body that are missing; -1: still in the head */
  size_t sent, size;     /* of the answer; size 0: none under way */
  size_t answer_head;
  int closing;
  char head[HEAD], answer[256];
};

static char *filler, scratch[1 << 18];
static int epoll_fd;

static void die(const char *what) {
  fprintf(stderr, "http-upstream: %s: %s\n", what, strerror(errno));
  exit(1);
}

static long header(const char *head, const char *name) {
  const char *at = strcasestr(head, name);
  return at == NULL ? -1 : atol(at + strlen(name));
}

static void answer(struct connection *c, long status, long bytes, long number) {
  int length = snprintf(c->answer, sizeof c->answer,
    "HTTP/1.1 %ld X\r\ncontent-type: application/json\r\nx-number: %ld\r\ncontent-length: %ld\r\n\r\n", status, number, bytes);
  c->answer_head = (size_t)length;
  c->sent = 0;
  c->size = (size_t)length + (size_t)bytes;
}

/* 1: all is sent. 0: the peer has to read first. -1: gone. */
static int send_rest(struct connection *c) {
  while (c->sent < c->size) {
    struct iovec parts[2];
    int count = 0;
    if (c->sent < c->answer_head) parts[count++] = (struct iovec){c->answer + c->sent, c->answer_head - c->sent};
    size_t from = c->sent > c->answer_head ? c->sent - c->answer_head : 0;
    if (from < c->size - c->answer_head) parts[count++] = (struct iovec){filler + from, c->size - c->answer_head - from};
    ssize_t wrote = writev(c->fd, parts, count);
    if (wrote < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN ? 0 : -1;
    }
    c->sent += (size_t)wrote;
  }
  c->size = 0;
  return c->closing ? -1 : 1;
}

/* The request is whole: what is asked for. */
static void on_request(struct connection *c) {
  long bytes = 0, status = 200;
  int read = sscanf(c->head, "POST /%ld/%ld ", &bytes, &status);
  if (read < 1 || bytes < 0 || bytes > MOST_BYTES) {
    c->closing = 1;
    bytes = 0, status = 400;
  }
  answer(c, status, bytes, header(c->head, "\r\nx-number:"));
  c->got = 0;
  c->body = -1;
}

/* Bytes of a request; 0: fine, -1: the connection is to end. */
static int take(struct connection *c, const char *bytes, long count) {
  while (count > 0) {
    if (c->size != 0) return -1; /* Envoy does not pipeline. */
    if (c->body < 0) {
      int before = c->got;
      long room = HEAD - 1 - c->got, some = count < room ? count : room;
      memcpy(c->head + c->got, bytes, (size_t)some);
      c->got += (int)some;
      c->head[c->got] = 0;
      char *end = strstr(c->head, "\r\n\r\n");
      if (end == NULL) return c->got == HEAD - 1 ? -1 : 0;
      end[2] = 0;
      long used = (end + 4 - c->head) - before;
      bytes += used, count -= used;
      c->body = header(c->head, "\r\ncontent-length:");
      if (c->body < 0) c->body = 0, c->head[0] = 0;
    }
    long some = count < c->body ? count : c->body;
    c->body -= some;
    bytes += some, count -= some;
    if (c->body == 0) {
      on_request(c);
      if (send_rest(c) < 0) return -1;
    }
  }
  return 0;
}

static void end(struct connection *c) {
  close(c->fd);
  free(c);
}

static void on_event(struct connection *c, uint32_t events) {
  if ((events & EPOLLOUT) && c->size != 0 && send_rest(c) < 0) return end(c);
  if (!(events & ~(uint32_t)EPOLLOUT)) return;
  for (;;) {
    ssize_t count = read(c->fd, scratch, sizeof scratch);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0 || take(c, scratch, count) < 0) return end(c);
  }
}

static void accept_all(int listener) {
  int fd, one = 1;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    struct connection *c = calloc(1, sizeof *c);
    if (c == NULL) die("accept");
    c->fd = fd;
    c->body = -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl");
  }
}

static int listen_somewhere(void) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof at;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, 1024) < 0) die("listen");
  getsockname(fd, (struct sockaddr *)&at, &length);
  printf("%d\n", ntohs(at.sin_port));
  fflush(stdout);
  return fd;
}

int main(int argc, char **argv) {
  for (int i = 1; i + 1 < argc; i += 2) {
    int value = atoi(argv[i + 1]);
    if (strcmp(argv[i], "--core") == 0 && value >= 0) {
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET((size_t)value, &set);
      if (sched_setaffinity(0, sizeof set, &set) < 0) die("sched_setaffinity");
    }
    if (strcmp(argv[i], "--nice") == 0 && value != 0 && setpriority(PRIO_PROCESS, 0, value) < 0)
      fprintf(stderr, "http-upstream: no priority: %s\n", strerror(errno));
  }
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  filler = malloc(MOST_BYTES);
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (filler == NULL || epoll_fd < 0) die("start");
  memset(filler, 'a', MOST_BYTES);
  int listener = listen_somewhere();
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event) < 0) die("epoll_ctl");
  for (;;) {
    struct epoll_event events[256];
    int count = epoll_wait(epoll_fd, events, 256, -1);
    for (int i = 0; i < count; i++) {
      if (events[i].data.ptr == NULL) accept_all(listener);
      else on_event(events[i].data.ptr, events[i].events);
    }
  }
}
