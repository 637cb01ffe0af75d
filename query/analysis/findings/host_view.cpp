#include "query/analysis/findings/host_view.h"

#include "schema/model/socket.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {

std::optional<schema::Port> HostView::meaningful_port(schema::SocketIndex index) const {
  const schema::Socket& socket = view_.socket(index);
  if (!schema::is_inet(socket)) {
    return std::nullopt;
  }
  const auto way = direction(index);
  return way && way->way == schema::Way::Outbound ? socket.remote_port : socket.local_port;
}

}  // namespace sockwitness::query
