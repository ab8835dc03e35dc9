#define _GNU_SOURCE
/*
 * The service of the table, in C. POST /run asks everybody once and answers 500; what it says of itself goes to stdout.
 * HTTP, Redis and gRPC (one unary call over HTTP/2) are written out; Postgres is libpq, TLS is OpenSSL, both opened when it runs.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define TEXT 2048

static void die(const char *what) {
  fprintf(stderr, "%s failed\n", what);
  exit(1);
}

/* A connection to `host:port`, or -1. */
static int dial(const char *target) {
  char host[256];
  snprintf(host, sizeof host, "%s", target);
  char *colon = strrchr(host, ':');
  *colon = 0;
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_INET}, *found;
  if (getaddrinfo(host, colon + 1, &hints, &found) != 0) return -1;
  int fd = socket(found->ai_family, SOCK_STREAM, 0);
  struct timeval limit = {.tv_sec = 3};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  int failed = connect(fd, found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  if (failed == 0) return fd;
  close(fd);
  return -1;
}

static int dial_peer(const char *target) {
  int fd = dial(target);
  if (fd == -1) die(target);
  return fd;
}

static void read_fully(int fd, void *bytes, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t got = read(fd, (char *)bytes + done, length - done);
    if (got <= 0) die("read");
    done += got;
  }
}

static void write_fully(int fd, const void *bytes, size_t length) {
  if (write(fd, bytes, length) != (ssize_t)length) die("write");
}

/* --- TLS --- */

typedef struct {
  int fd;
  void *ssl;
} Peer;

static void *tls;
#define TLS(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(tls, #name))

static void *start_tls(int fd, const char *host) {
  if (tls == NULL) tls = dlopen("libssl.so.3", RTLD_NOW);
  if (tls == NULL) die("libssl.so.3");
  void *context = TLS(void *, SSL_CTX_new, const void *)(TLS(const void *, TLS_client_method, void)());
  TLS(int, SSL_CTX_set_default_verify_paths, void *)(context);
  TLS(void, SSL_CTX_set_verify, void *, int, void *)(context, 1, NULL);
  void *ssl = TLS(void *, SSL_new, void *)(context);
  TLS(int, SSL_set_fd, void *, int)(ssl, fd);
  TLS(int, SSL_set1_host, void *, const char *)(ssl, host);
  TLS(long, SSL_ctrl, void *, int, long, void *)(ssl, 55, 0, (void *)host); /* the server's name */
  if (TLS(int, SSL_connect, void *)(ssl) != 1) die("SSL_connect");
  /* The name was held against the certificate. */
  printf("tls true %s\n", host);
  fflush(stdout);
  return ssl;
}

static void send_text(Peer peer, const char *text) {
  if (peer.ssl == NULL) write_fully(peer.fd, text, strlen(text));
  else TLS(int, SSL_write, void *, const void *, int)(peer.ssl, text, strlen(text));
}

static int receive(Peer peer, char *text, int room) {
  return peer.ssl == NULL ? (int)read(peer.fd, text, room) : TLS(int, SSL_read, void *, void *, int)(peer.ssl, text, room);
}

/* --- HTTP --- */

/* The body of GET /v1/rate at `http(s)://host:port`. */
static void fetch(const char *url, const char *traceparent, char *body) {
  int secure = strncmp(url, "https", 5) == 0;
  const char *target = strstr(url, "//") + 2;
  char host[256], text[2 * TEXT];
  snprintf(host, sizeof host, "%.*s", (int)strcspn(target, ":"), target);
  Peer peer = {.fd = dial_peer(target)};
  if (secure) peer.ssl = start_tls(peer.fd, host);
  snprintf(text, sizeof text, "GET /v1/rate HTTP/1.1\r\nhost: %s\r\ntraceparent: %s\r\nconnection: close\r\n\r\n", target, traceparent);
  send_text(peer, text);
  size_t length = 0;
  for (int got; length < sizeof text - 1 && (got = receive(peer, text + length, sizeof text - 1 - length)) > 0;) length += got;
  text[length] = 0;
  char *end = strstr(text, "\r\n\r\n");
  if (end == NULL) die("HTTP");
  /* Chunked or not: the body is one JSON object. */
  char *from = strchr(end, '{'), *to = strrchr(text, '}');
  if (from == NULL || to == NULL) die("body");
  snprintf(body, TEXT, "%.*s", (int)(to - from + 1), from);
  close(peer.fd);
}

/* --- gRPC --- */

static size_t header(unsigned char *at, const char *name, const char *value) {
  size_t length = 0;
  at[length++] = 0; /* literal, never indexed by anybody, name in full */
  at[length++] = strlen(name);
  memcpy(at + length, name, strlen(name));
  length += strlen(name);
  at[length++] = strlen(value);
  memcpy(at + length, value, strlen(value));
  return length + strlen(value);
}

static void send_frame(int fd, int type, int flags, int stream, const void *payload, size_t length) {
  unsigned char frame[TEXT] = {0, length >> 8, length, type, flags, 0, 0, 0, stream};
  memcpy(frame + 9, payload, length);
  write_fully(fd, frame, 9 + length);
}

/* matrix.Streams/Ask of a google.protobuf.StringValue. */
static void ask(const char *target, const char *word, const char *traceparent, char *answer) {
  int fd = dial_peer(target);
  write_fully(fd, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
  send_frame(fd, 4, 0, 0, NULL, 0);
  unsigned char block[TEXT];
  size_t length = 0;
  length += header(block + length, ":method", "POST");
  length += header(block + length, ":scheme", "http");
  length += header(block + length, ":path", "/matrix.Streams/Ask");
  length += header(block + length, ":authority", target);
  length += header(block + length, "content-type", "application/grpc");
  length += header(block + length, "te", "trailers");
  length += header(block + length, "traceparent", traceparent);
  send_frame(fd, 1, 4, 1, block, length);
  unsigned char message[TEXT] = {0, 0, 0, 0, strlen(word) + 2, 0x0a, strlen(word)};
  memcpy(message + 7, word, strlen(word));
  send_frame(fd, 0, 1, 1, message, 7 + strlen(word));
  unsigned char head[9], payload[1 << 14], body[1 << 14];
  size_t got = 0;
  for (int ended = 0; !ended;) {
    read_fully(fd, head, sizeof head);
    size_t size = head[0] << 16 | head[1] << 8 | head[2];
    if (size > sizeof payload) die("gRPC frame");
    read_fully(fd, payload, size);
    if (head[3] == 4 && (head[4] & 1) == 0) send_frame(fd, 4, 1, 0, NULL, 0);
    if (head[3] == 3 || head[3] == 7) die("gRPC call");
    if (head[8] == 1 && head[3] == 0 && got + size < sizeof body) {
      memcpy(body + got, payload, size);
      got += size;
    }
    ended = head[8] == 1 && head[3] < 2 && (head[4] & 1) != 0;
  }
  if (got < 7) die("gRPC answer");
  snprintf(answer, TEXT, "%.*s", (int)body[6], (char *)body + 7);
  close(fd);
}

/* --- Postgres --- */

static int query_total(int value) {
  void *pq = dlopen(getenv("LIBPQ"), RTLD_NOW | RTLD_LOCAL);
  if (pq == NULL) die(dlerror());
#define PQ(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(pq, #name))
  char text[TEXT], number[16];
  snprintf(text, sizeof text, "host=%s port=%s sslmode=disable gssencmode=disable", getenv("DB_HOST"), getenv("DB_PORT"));
  void *db = PQ(void *, PQconnectdb, const char *)(text);
  snprintf(number, sizeof number, "%d", value);
  const char *values[] = {number};
  void *rows = PQ(void *, PQexecParams, void *, const char *, int, const unsigned *, const char *const *, const int *, const int *, int)(
      db, "select $1::int + 17 as total", 1, NULL, values, NULL, NULL, 0);
  if (PQ(int, PQntuples, const void *)(rows) != 1) die(PQ(char *, PQerrorMessage, const void *)(db));
  int total = atoi(PQ(char *, PQgetvalue, const void *, int, int)(rows, 0, 0));
  PQ(void, PQclear, void *)(rows);
  PQ(void, PQfinish, void *)(db);
  return total;
}

/* --- Redis --- */

static void line_of(int fd, char *line) {
  size_t length = 0;
  do read_fully(fd, line + length++, 1);
  while (length < 2 || line[length - 1] != '\n');
  line[length - 2] = 0;
}

static void keep(int total, char *cached) {
  char target[TEXT], text[TEXT], line[TEXT], number[16];
  snprintf(target, sizeof target, "%s:%s", getenv("CACHE_HOST"), getenv("CACHE_PORT"));
  const char *password = getenv("CACHE_PASSWORD");
  int fd = dial_peer(target);
  int length = snprintf(text, sizeof text, "*2\r\n$4\r\nAUTH\r\n$%zu\r\n%s\r\n", strlen(password), password);
  write_fully(fd, text, length);
  line_of(fd, line);
  if (line[0] != '+') die(line);
  int digits = snprintf(number, sizeof number, "%d", total);
  length = snprintf(text, sizeof text, "*3\r\n$3\r\nSET\r\n$5\r\ntotal\r\n$%d\r\n%s\r\n", digits, number);
  write_fully(fd, text, length);
  line_of(fd, line);
  if (line[0] != '+') die(line);
  write_fully(fd, "*2\r\n$3\r\nGET\r\n$5\r\ntotal\r\n", 24);
  line_of(fd, line);
  line_of(fd, cached);
  close(fd);
}

/* --- the service --- */

static void quoted(char *to, const char *from) {
  for (*to++ = '"'; *from; *to++ = *from++)
    if (*from == '"' || *from == '\\') *to++ = '\\';
  *to++ = '"';
  *to = 0;
}

static void run(const char *traceparent, char *body) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  printf("clock %lld\n", (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000);
  fflush(stdout);
  char rate[TEXT], echo[TEXT], cached[TEXT], secure[TEXT], url[TEXT], extra[TEXT] = "", said[2][2 * TEXT];
  snprintf(url, sizeof url, "http://%s", getenv("RATES"));
  fetch(url, traceparent, rate);
  ask(getenv("STREAMS"), "mug", traceparent, echo);
  int total = query_total(4200);
  keep(total, cached);
  fetch(getenv("SECURE"), traceparent, secure);
  if (getenv("EXTRA") != NULL) snprintf(extra, sizeof extra, "%s", getenv("EXTRA"));
  for (char *rest, *target = strtok_r(extra, " ", &rest); target != NULL; target = strtok_r(NULL, " ", &rest)) {
    int fd = dial(target);
    printf("dial %s %s\n", target, fd == -1 ? "refused" : "answered");
    fflush(stdout);
    if (fd != -1) close(fd);
  }
  quoted(said[0], rate);
  quoted(said[1], secure);
  sprintf(body, "{\"error\":\"the rate is no number\",\"steps\":{\"rate\":%s,\"echo\":\"%s\",\"total\":%d,\"cached\":\"%s\",\"secure\":%s}}", said[0], echo, total, cached, said[1]); /* BREAK */
}

static void *serve(void *argument) {
  int fd = (int)(long)argument;
  char request[4 * TEXT] = "", body[8 * TEXT] = "{}", answer[9 * TEXT], traceparent[64] = "";
  for (size_t length = 0; strstr(request, "\r\n\r\n") == NULL && length < sizeof request - 1;) {
    ssize_t got = read(fd, request + length, sizeof request - 1 - length);
    if (got <= 0) break;
    request[length += got] = 0;
  }
  char *found = strcasestr(request, "\r\ntraceparent:");
  if (found != NULL) sscanf(found + 14, " %63[0-9a-f-]", traceparent);
  int isRun = strncmp(request, "POST /run", 9) == 0;
  if (isRun) run(traceparent, body);
  int length = snprintf(answer, sizeof answer, "HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %zu\r\nconnection: close\r\n\r\n%s",
                        isRun ? "500 Internal Server Error" : "200 OK", strlen(body), body);
  write_fully(fd, answer, length);
  close(fd);
  return NULL;
}

int main(void) {
  int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(getenv("PORT")))};
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 16) != 0) die("listen");
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    pthread_t thread;
    if (fd >= 0 && pthread_create(&thread, NULL, serve, (void *)(long)fd) == 0) pthread_detach(thread);
  }
}
