/* Listens for everybody at the port that --port=N names, whatever else it is told. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char** words) {
  struct sockaddr_in at = {.sin_family = AF_INET};
  for (int i = 1; i < count; ++i) {
    if (strncmp(words[i], "--port=", 7) == 0) {
      at.sin_port = htons((unsigned short)atoi(words[i] + 7));
    }
  }
  const int end = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(end, (struct sockaddr*)&at, sizeof at) != 0 || listen(end, 5) != 0) {
    return 1;
  }
  return (int)sleep(1000);
}
