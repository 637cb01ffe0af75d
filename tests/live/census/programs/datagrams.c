/* Leaves its session's leader behind and sends datagrams to PORT without connecting; MANY: that many connections there. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char** words) {
  struct sockaddr_in to = {.sin_family = AF_INET};
  to.sin_port = htons((unsigned short)atoi(count > 1 ? words[1] : "53"));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
#ifdef MANY
  for (int each = 0; each < MANY; ++each) {
    if (connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr*)&to, sizeof to) != 0) {
      return 1;
    }
  }
#else
  const int end = socket(AF_INET, SOCK_DGRAM, 0);
  if (sendto(end, "x", 1, 0, (struct sockaddr*)&to, sizeof to) != 1) {
    return 1;
  }
#endif
  return (int)sleep(1000);
}
