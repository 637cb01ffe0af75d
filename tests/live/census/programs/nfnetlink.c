/* Opens and binds a netlink socket of netfilter and waits. */
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
  struct sockaddr_nl at = {.nl_family = AF_NETLINK};
  const int end = socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
  return bind(end, (struct sockaddr*)&at, sizeof at) != 0 ? 1 : (int)sleep(1000);
}
