/* Listens at PORT [ADDRESS] and accepts. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char** words) {
  struct sockaddr_in at = {.sin_family = AF_INET};
  at.sin_port = htons((unsigned short)atoi(count > 1 ? words[1] : "0"));
  at.sin_addr.s_addr = inet_addr(count > 2 ? words[2] : "0.0.0.0");
  const int end = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(end, (struct sockaddr*)&at, sizeof at) != 0 || listen(end, 5) != 0) {
    return 1;
  }
  for (;;) {
    accept(end, 0, 0);
  }
}
