/* A tap device NAME; with ICMP a raw socket besides. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char** words) {
  struct ifreq wanted;
  memset(&wanted, 0, sizeof wanted);
  const int device = open("/dev/net/tun", O_RDWR);
  strncpy(wanted.ifr_name, count > 1 ? words[1] : "cen", IFNAMSIZ - 1);
  wanted.ifr_flags = IFF_TAP | IFF_NO_PI;
#ifdef ICMP
  const int end = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
#else
  const int end = socket(AF_INET, SOCK_STREAM, 0);
#endif
  return end < 0 || ioctl(device, TUNSETIFF, &wanted) != 0 ? 1 : (int)sleep(1000);
}
