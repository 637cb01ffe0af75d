#include "query/report/export/sarif_place.h"

#include <algorithm>

#include <fmt/format.h>

namespace sockwitness::query {
namespace {

// RFC 3986: letters, digits and these stay as they are; a slash separates.
constexpr std::string_view kPlain =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";

std::string relative_uri(std::string_view path) {
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  std::string uri;
  for (const char byte : path) {
    uri += kPlain.find(byte) == std::string_view::npos
               ? fmt::format("%{:02X}", static_cast<unsigned char>(byte))
               : std::string(1, byte);
  }
  return uri;
}

}  // namespace

Value sarif_base() {
  return Value::Object{{"HOST", Value::Object{{"uri", "file:///"}}}};
}

Value sarif_place(std::string_view file) {
  return Value::Object{
      {"artifactLocation", Value::Object{{"uri", relative_uri(file)}, {"uriBaseId", "HOST"}}},
      {"region", Value::Object{{"startLine", 1}}}};
}

std::string sarif_file(const schema::Owner* owner) {
  if (owner == nullptr) {
    return {};
  }
  if (!owner->script.empty() || !owner->program) {
    return owner->script;
  }
  return owner->program->path;
}

std::string sarif_table(schema::Protocol protocol, schema::Family family) {
  std::string name(schema::protocol_name(protocol));
  if (family == schema::Family::Ipv6) {
    name += '6';
  }
  return "/proc/net/" + name;
}

}  // namespace sockwitness::query
