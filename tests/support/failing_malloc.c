// Preloaded into a program: lets one request for memory fail, or all of them from one on.
//
// In:    FAILING_MALLOC_AT=N      the N-th request fails, counted from 1; without it none does
//        FAILING_MALLOC_FOREVER=1 and every later one, too
//        FAILING_MALLOC_LOG=FILE  what happened is appended to it, see below
// Out:   NULL and ENOMEM (or ENOMEM alone, as the call has it) for malloc, calloc, realloc,
//        reallocarray, memalign, aligned_alloc, posix_memalign, and anonymous mmap of the program;
//        in the log "failed N SIZE" before the first that fails, "requests N" at a regular end.
// Never: asks for memory itself; counts what the dynamic linker takes before the C library is
//        there. Each process counts for itself: a child that is forked goes on with its copy.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

// The C library's own, under the names that it keeps for this.
extern void* __libc_malloc(size_t size);
extern void* __libc_calloc(size_t count, size_t size);
extern void* __libc_realloc(void* block, size_t size);
extern void* __libc_memalign(size_t alignment, size_t size);

static atomic_ulong requests;
static atomic_bool told;

// Read anew for every request: there may be one before any constructor has run. No call of it asks
// for memory.
static unsigned long read_number(const char* name) {
  const char* text = getenv(name);
  unsigned long number = 0;
  for (; text != NULL && *text >= '0' && *text <= '9'; ++text) {
    number = number * 10 + (unsigned long)(*text - '0');
  }
  return number;
}

static char* put_number(char* end, unsigned long number) {
  do {
    *--end = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  return end;
}

static void append_to_log(const char* what, unsigned long first, const unsigned long* second) {
  const char* path = getenv("FAILING_MALLOC_LOG");
  const int fd = path == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) {
    return;
  }
  char line[96];
  char* begin = line + sizeof line;
  *--begin = '\n';
  if (second != NULL) {
    begin = put_number(begin, *second);
    *--begin = ' ';
  }
  begin = put_number(begin, first);
  *--begin = ' ';
  begin -= strlen(what);
  memcpy(begin, what, strlen(what));
  const ssize_t written = write(fd, begin, (size_t)(line + sizeof line - begin));
  (void)written;
  close(fd);
}

static bool fails(size_t size) {
  const unsigned long request = atomic_fetch_add(&requests, 1) + 1;
  const unsigned long at = read_number("FAILING_MALLOC_AT");
  const bool forever = read_number("FAILING_MALLOC_FOREVER") != 0;
  if (at == 0 || request < at || (request > at && !forever)) {
    return false;
  }
  if (!atomic_exchange(&told, true)) {
    append_to_log("failed", request, &(unsigned long){size});
  }
  errno = ENOMEM;
  return true;
}

void* malloc(size_t size) {
  return fails(size) ? NULL : __libc_malloc(size);
}

void* calloc(size_t count, size_t size) {
  return fails(count * size) ? NULL : __libc_calloc(count, size);
}

void* realloc(void* block, size_t size) {
  return fails(size) ? NULL : __libc_realloc(block, size);
}

void* reallocarray(void* block, size_t count, size_t size) {
  size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return NULL;
  }
  return realloc(block, bytes);
}

void* memalign(size_t alignment, size_t size) {
  return fails(size) ? NULL : __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
  return memalign(alignment, size);
}

int posix_memalign(void** block, size_t alignment, size_t size) {
  const int number = errno;
  void* found = memalign(alignment, size);
  errno = number;
  if (found == NULL) {
    return ENOMEM;
  }
  *block = found;
  return 0;
}

void* mmap(void* place, size_t size, int protection, int flags, int fd, off_t offset) {
  if ((flags & MAP_ANONYMOUS) != 0 && fails(size)) {
    return MAP_FAILED;
  }
  return (void*)syscall(SYS_mmap, place, size, protection, flags, fd, offset);
}

__attribute__((destructor)) static void tell(void) {
  append_to_log("requests", atomic_load(&requests), NULL);
}
