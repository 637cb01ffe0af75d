/* Listens on loopback at PORT and keeps a shell on a terminal for its user. */
#include <arpa/inet.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char** words) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(count > 1 ? words[1] : "0"))};
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int end = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(end, (struct sockaddr*)&at, sizeof at) != 0 || listen(end, 5) != 0) {
    return 1;
  }
  int master;
  if (forkpty(&master, 0, 0, 0) == 0) {
    execl("/bin/bash", "bash", "-l", (char*)0);
  }
  return (int)sleep(1000);
}
