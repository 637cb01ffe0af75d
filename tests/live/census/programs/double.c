/* A daemon of a session: two forks, a session of its own, nothing at 0, 1 and 2, a listener at PORT. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char** words) {
  if (fork() != 0) {
    return 0;
  }
  setsid();
  if (fork() != 0) {
    return 0;
  }
  const int null = open("/dev/null", O_RDWR);
  for (int number = 0; number < 3; ++number) {
    dup2(null, number);
  }
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(count > 1 ? words[1] : "0"))};
  const int end = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(end, (struct sockaddr*)&at, sizeof at) != 0 || listen(end, 5) != 0) {
    return 1;
  }
  return (int)sleep(1000);
}
