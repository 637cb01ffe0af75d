/* Listens at each of its arguments. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char** words) {
  for (int i = 1; i < count; ++i) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(words[i]))};
    const int end = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(end, (struct sockaddr*)&at, sizeof at) != 0 || listen(end, 5) != 0) {
      return 1;
    }
  }
  return (int)sleep(1000);
}
