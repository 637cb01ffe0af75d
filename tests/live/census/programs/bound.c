/* Binds PORT and does not listen. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char** words) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(count > 1 ? words[1] : "0"))};
  const int end = socket(AF_INET, SOCK_STREAM, 0);
  return bind(end, (struct sockaddr*)&at, sizeof at) != 0 ? 1 : (int)sleep(1000);
}
