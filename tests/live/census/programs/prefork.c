/* A server at PORT with a worker, in its session, and a pipe between them. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char** words) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(count > 1 ? words[1] : "0"))};
  int ends[2];
  const int end = socket(AF_INET, SOCK_STREAM, 0);
  if (pipe(ends) != 0 || bind(end, (struct sockaddr*)&at, sizeof at) != 0 || listen(end, 5) != 0) {
    return 1;
  }
  if (fork() == 0) {
    char byte;
    return (int)read(ends[0], &byte, 1);
  }
  return (int)sleep(1000);
}
