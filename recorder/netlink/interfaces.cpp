#include "recorder/netlink/interfaces.h"

#include <net/if.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <string>

namespace sockwitness::recorder {
namespace {

struct NameAnswer {
  std::string name;
  int error_number = 0;
};

NameAnswer read_name(int descriptor, schema::InterfaceIndex index) {
  ifreq request{};
  request.ifr_ifindex = static_cast<int>(index.value());
  if (::ioctl(descriptor, SIOCGIFNAME, &request) != 0) {
    const bool gone = errno == ENODEV || errno == ENXIO;
    return {{}, gone ? 0 : errno};
  }
  auto* end = std::find(std::begin(request.ifr_name), std::end(request.ifr_name), '\0');
  return {std::string(std::begin(request.ifr_name), end), 0};
}

}  // namespace

int read_interface_names(int descriptor, std::vector<schema::Socket>& sockets) {
  std::map<schema::InterfaceIndex, NameAnswer> answers;
  int first_error = 0;
  for (auto& socket : sockets) {
    if (socket.interface.value() == 0) {
      continue;
    }
    const auto [at, fresh] = answers.try_emplace(socket.interface);
    if (fresh) {
      at->second = read_name(descriptor, socket.interface);
      first_error = first_error == 0 ? at->second.error_number : first_error;
    }
    socket.interface_name = at->second.name;
  }
  return first_error;
}

bool any_bound_to_interface(const std::vector<schema::Socket>& sockets) {
  return std::any_of(sockets.begin(), sockets.end(), [](const schema::Socket& socket) {
    return socket.interface.value() != 0;
  });
}

}  // namespace sockwitness::recorder
