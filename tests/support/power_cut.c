// Preloaded into a program, it takes the power away from a file system at the n-th step that leads
// to its disk: the ext4 shutdown request, without writing the journal of the file system.
//
// In:    POWER_CUT_FOLDER, a directory of it; POWER_CUT_AT, the number of the step (0: never);
//        POWER_CUT_LOG, a file of another file system; POWER_CUT_SEED, which written pages had
//        reached the disk on their own by then (0: none); POWER_CUT_NO_SYNC, a disk that says of
//        every sync that it is done, and does nothing.
// Out:   in the log a line a step: its number, the call and what it is on. At the step: no power,
//        and no program any more.
// Never: lets the step happen, or counts one on other file systems.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

// Source: fs/ext4/ext4.h.
#define EXT4_IOC_SHUTDOWN _IOR('X', 125, uint32_t)
#define EXT4_GOING_FLAGS_NOLOGFLUSH 0x2U

#define REAL(name) ((__typeof__(&name))real(#name))

struct written {
  int fd;
  off_t at;
  size_t length;
};

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static struct written pages[1 << 14];
static size_t page_count;
static long step;
static pid_t counted;  // a child has steps of its own, and none of them is meant

static void *real(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (found == NULL) {
    abort();
  }
  return found;
}

static const char *folder(void) {
  const char *name = getenv("POWER_CUT_FOLDER");
  return name != NULL ? name : "";
}

static long number(const char *name) {
  const char *text = getenv(name);
  return text != NULL ? atol(text) : 0;
}

static int is_there(dev_t device) {
  struct stat status;
  return stat(folder(), &status) == 0 && status.st_dev == device;
}

static int is_fd_there(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 && is_there(status.st_dev);
}

static int is_path_there(const char *path) {
  return path != NULL && *folder() != '\0' && strncmp(path, folder(), strlen(folder())) == 0;
}

static void write_some_back(void) {
  unsigned seed = (unsigned)number("POWER_CUT_SEED");
  for (size_t at = 0; seed != 0 && at < page_count; ++at) {
    if (rand_r(&seed) % 2 == 0) {
      sync_file_range(pages[at].fd, pages[at].at, (off_t)pages[at].length,
                      SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
                          SYNC_FILE_RANGE_WAIT_AFTER);
    }
  }
}

static void cut(void) {
  uint32_t flags = EXT4_GOING_FLAGS_NOLOGFLUSH;
  write_some_back();
  const int fd = REAL(open)(folder(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || ioctl(fd, EXT4_IOC_SHUTDOWN, &flags) != 0) {
    perror("power_cut");
    abort();
  }
  _exit(137);  // as one that was killed: the recorder may send no signal
}

static void take_step(const char *call, const char *object) {
  pthread_mutex_lock(&guard);
  if (counted == 0) {
    counted = getpid();
  }
  if (counted == getpid()) {
    ++step;
    const char *log = getenv("POWER_CUT_LOG");
    const int fd = log != NULL ? REAL(open)(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd >= 0) {
      dprintf(fd, "%ld %s %s\n", step, call, object);
      close(fd);
    }
    if (step == number("POWER_CUT_AT")) {
      cut();
    }
  }
  pthread_mutex_unlock(&guard);
}

static void take_fd_step(const char *call, int fd) {
  char link[64];
  char path[4096] = "";
  if (is_fd_there(fd)) {
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t got = readlink(link, path, sizeof path - 1);
    path[got > 0 ? got : 0] = '\0';
    take_step(call, path);
  }
}

static void remember(int fd, off_t at, ssize_t length) {
  pthread_mutex_lock(&guard);
  if (length > 0 && page_count < sizeof pages / sizeof *pages && is_fd_there(fd)) {
    pages[page_count++] = (struct written){fd, at, (size_t)length};
  }
  pthread_mutex_unlock(&guard);
}

static int lies(void) {
  return getenv("POWER_CUT_NO_SYNC") != NULL;
}

int fsync(int fd) {
  take_fd_step("fsync", fd);
  return lies() ? 0 : REAL(fsync)(fd);
}

int fdatasync(int fd) {
  take_fd_step("fdatasync", fd);
  return lies() ? 0 : REAL(fdatasync)(fd);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
  take_fd_step("pwrite", fd);
  const ssize_t got = REAL(pwrite)(fd, bytes, length, at);
  remember(fd, at, got);
  return got;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
  take_fd_step("pwrite", fd);
  const ssize_t got = REAL(pwrite64)(fd, bytes, length, at);
  remember(fd, at, got);
  return got;
}

ssize_t write(int fd, const void *bytes, size_t length) {
  take_fd_step("write", fd);
  return REAL(write)(fd, bytes, length);
}

int ftruncate(int fd, off_t length) {
  take_fd_step("ftruncate", fd);
  return REAL(ftruncate)(fd, length);
}

int ftruncate64(int fd, off64_t length) {
  take_fd_step("ftruncate", fd);
  return REAL(ftruncate64)(fd, length);
}

int unlink(const char *path) {
  if (is_path_there(path)) {
    take_step("unlink", path);
  }
  return REAL(unlink)(path);
}

int rename(const char *from, const char *to) {
  if (is_path_there(to)) {
    take_step("rename", to);
  }
  return REAL(rename)(from, to);
}

int mkdir(const char *path, mode_t mode) {
  if (is_path_there(path)) {
    take_step("mkdir", path);
  }
  return REAL(mkdir)(path, mode);
}

static mode_t mode_of(int flags, va_list more) {
  return (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
}

#define OPENS(name)                                       \
  int name(const char *path, int flags, ...) {            \
    va_list more;                                         \
    va_start(more, flags);                                \
    const mode_t mode = mode_of(flags, more);             \
    va_end(more);                                         \
    if ((flags & O_CREAT) != 0 && is_path_there(path)) {  \
      take_step("open", path);                            \
    }                                                     \
    return REAL(name)(path, flags, mode);                 \
  }

OPENS(open)
OPENS(open64)
