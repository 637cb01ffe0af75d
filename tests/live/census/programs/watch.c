/* Two processes of one program; each holds a pipe of the other, one listens. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char** words) {
  int one[2];
  int other[2];
  if (pipe(one) != 0 || pipe(other) != 0) {
    return 1;
  }
  if (fork() == 0) {
    setsid();
    char byte;
    return (int)read(one[0], &byte, 1);
  }
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(count > 1 ? words[1] : "0"))};
  const int end = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(end, (struct sockaddr*)&at, sizeof at) != 0 || listen(end, 5) != 0) {
    return 1;
  }
  setsid();
  char byte;
  return (int)read(other[0], &byte, 1);
}
