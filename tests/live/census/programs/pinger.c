/* Holds a raw ICMP socket, or a packet socket, as monitoring agents do. */
#include <arpa/inet.h>
#include <net/ethernet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char** words) {
  const int raw = count > 1 && strcmp(words[1], "raw") == 0;
  const int end = raw ? socket(AF_INET, SOCK_RAW, 1) : socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  return end < 0 ? 1 : (int)sleep(1000);
}
