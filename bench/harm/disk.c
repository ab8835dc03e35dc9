/*
 * A disk that is slow or full, for one process: a preload library that stands before the calls that write files.
 *
 *   LOOP_DISK_SYNC_MS=200     each fsync and fdatasync takes so much longer
 *   LOOP_DISK_WRITE_MS=5      each write to a regular file, too
 *   LOOP_DISK_BYTES=4000000   after so many bytes every write says ENOSPC
 *   LOOP_DISK_COUNTS=<file>   two counters of 64 bits: calls that were delayed, calls that were refused. In a file of 32 bytes two more numbers
 *                             may be changed meanwhile: ms that each fsync takes longer (one that waits hears of it), and 1: no write has room
 *
 *   cc -O2 -shared -fPIC -o disk.so disk.c -ldl
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static long sync_ms, write_ms, most_bytes = -1;
static atomic_long bytes;
enum { DELAYED, REFUSED, SYNC_MS, NO_ROOM, NUMBERS };
static atomic_ulong own[NUMBERS], *counts = own;

__attribute__((constructor)) static void begin(void) {
  const char *text;
  if ((text = getenv("LOOP_DISK_SYNC_MS")) != NULL) sync_ms = atol(text);
  if ((text = getenv("LOOP_DISK_WRITE_MS")) != NULL) write_ms = atol(text);
  if ((text = getenv("LOOP_DISK_BYTES")) != NULL) most_bytes = atol(text);
  if ((text = getenv("LOOP_DISK_COUNTS")) == NULL) return;
  int fd = open(text, O_RDWR | O_CLOEXEC);
  /* What the file is shorter than a page reads as zero. */
  void *at = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof own, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at != MAP_FAILED) counts = at;
}

static int is_file(int fd) {
  struct stat s;
  return fstat(fd, &s) == 0 && S_ISREG(s.st_mode);
}

static void delay(long ms) {
  if (ms <= 0) return;
  struct timespec t = {ms / 1000, ms % 1000 * 1000000};
  atomic_fetch_add(&counts[DELAYED], 1);
  while (nanosleep(&t, &t) < 0 && errno == EINTR) {}
}

/* For as long as it is told to. */
static void delay_as_told(void) {
  const struct timespec slice = {0, 5 * 1000000};
  if (atomic_load(&counts[SYNC_MS]) == 0) return;
  atomic_fetch_add(&counts[DELAYED], 1);
  for (unsigned long waited = 0; waited < atomic_load(&counts[SYNC_MS]); waited += 5) nanosleep(&slice, NULL);
}

/* Whether the write may happen. */
static int allowed(int fd, size_t size) {
  if (!is_file(fd)) return 1;
  delay(write_ms);
  int fits = most_bytes < 0 || atomic_fetch_add(&bytes, (long)size) + (long)size <= most_bytes;
  if (fits && atomic_load(&counts[NO_ROOM]) == 0) return 1;
  atomic_fetch_add(&counts[REFUSED], 1);
  errno = ENOSPC;
  return 0;
}

static size_t size_of(const struct iovec *parts, int count) {
  size_t size = 0;
  for (int i = 0; i < count; i++) size += parts[i].iov_len;
  return size;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define BEFORE_WRITE(name, size, parameters, arguments) \
  ssize_t name parameters { \
    static __typeof__(&name) next; \
    if (next == NULL) next = NEXT(name); \
    return allowed(fd, size) ? next arguments : -1; \
  }

BEFORE_WRITE(write, size, (int fd, const void *from, size_t size), (fd, from, size))
BEFORE_WRITE(pwrite, size, (int fd, const void *from, size_t size, off_t at), (fd, from, size, at))
BEFORE_WRITE(pwrite64, size, (int fd, const void *from, size_t size, off64_t at), (fd, from, size, at))
BEFORE_WRITE(writev, size_of(parts, count), (int fd, const struct iovec *parts, int count), (fd, parts, count))
BEFORE_WRITE(pwritev, size_of(parts, count), (int fd, const struct iovec *parts, int count, off_t at), (fd, parts, count, at))
BEFORE_WRITE(pwritev64, size_of(parts, count), (int fd, const struct iovec *parts, int count, off64_t at), (fd, parts, count, at))

#define BEFORE_SYNC(name) \
  int name(int fd) { \
    static __typeof__(&name) next; \
    if (next == NULL) next = NEXT(name); \
    delay(sync_ms); \
    delay_as_told(); \
    return next(fd); \
  }

BEFORE_SYNC(fsync)
BEFORE_SYNC(fdatasync)
