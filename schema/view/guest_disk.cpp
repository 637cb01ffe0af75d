#include "schema/view/guest_disk.h"

#include "schema/base/scan.h"

namespace sockwitness::schema {
namespace {

// What of a machine is the same for many: its firmware, and media that are only read.
bool is_shared(std::string_view value) {
  for (const std::string_view mark : {"pflash",
                                      "media=cdrom",
                                      "if=floppy",
                                      "readonly=on",
                                      "read-only=on",
                                      "\"read-only\":true"}) {
    if (value.find(mark) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

// "{"driver":"file","filename":"/vm/web.qcow2"}", as libvirt writes it.
std::string_view file_in_json(std::string_view value) {
  constexpr std::string_view kKey = "\"filename\":\"";
  const auto at = value.find(kKey);
  return at == std::string_view::npos
             ? std::string_view()
             : value.substr(at + kKey.size(), value.find('"', at + kKey.size()) - at - kKey.size());
}

// The first of the keys in "key=value,key=value".
std::string_view value_of(std::string_view list, std::initializer_list<std::string_view> keys) {
  while (!list.empty()) {
    std::string_view part = scan_until(list, ',');
    for (const std::string_view key : keys) {
      if (scan_literal(part, key)) {
        return part;
      }
    }
  }
  return {};
}

}  // namespace

std::string_view disk_of(std::string_view option, std::string_view value) {
  if (option == "-name") {
    const std::string_view guest = value_of(value, {"guest="});
    return guest.empty() ? value.substr(0, value.find(',')) : guest;
  }
  if (option != "-drive" && option != "-blockdev") {
    return value;
  }
  if (is_shared(value)) {
    return {};
  }
  return value.starts_with('{') ? file_in_json(value)
                                : value_of(value, {"file=", "filename=", "file.filename="});
}

}  // namespace sockwitness::schema
