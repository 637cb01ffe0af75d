/* A library that listens as soon as it is loaded. */
#include <arpa/inet.h>
#include <sys/socket.h>
#ifndef PORT
#define PORT 18320
#endif

__attribute__((constructor)) static void begin(void) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(PORT)};
  const int end = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(end, (struct sockaddr*)&at, sizeof at) == 0) {
    listen(end, 5);
  }
}

/* What redis asks a module for. */
int RedisModule_OnLoad(void* context, void** words, int count) {
  (void)words;
  return context != 0 && count < 1000;
}
