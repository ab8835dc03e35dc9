/*
 * LD_PRELOAD for nghttpd: libnghttp2 takes resets for an attack (CVE-2023-44487) and ends a connection after 1,000 of them at more than 33 a
 * second. Envoy resets every call. nghttpd has no option for it; the library has one, which is set here on whatever options nghttpd makes.
 *
 *   cc -O2 -shared -fPIC -o nghttpd-resets.so nghttpd-resets.c -ldl
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

int nghttp2_option_new(void **option) {
  int (*make)(void **) = (int (*)(void **))dlsym(RTLD_NEXT, "nghttp2_option_new");
  void (*limit)(void *, uint64_t, uint64_t) = (void (*)(void *, uint64_t, uint64_t))dlsym(RTLD_NEXT, "nghttp2_option_set_stream_reset_rate_limit");
  int result = make(option);
  /* Versions before 1.57, unless mended by a distribution, have neither limit nor option. */
  if (result == 0 && limit != 0) limit(*option, 1000000000, 1000000000);
  return result;
}
