#include "recorder/proc/status.h"

#include <array>

#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

using schema::parse_number;
using schema::scan_literal;
using schema::scan_number;
using schema::scan_until;

// "\t1000\t1000\t1000\t1000": real, effective, saved, file system.
bool parse_ids(std::string_view text, std::uint32_t& real, std::uint32_t& effective) {
  std::array<std::uint32_t, 4> ids{};
  for (auto& id : ids) {
    if (!scan_literal(text, "\t")) {
      return false;
    }
    const auto number = scan_number<std::uint32_t>(text);
    if (!number) {
      return false;
    }
    id = *number;
  }
  real = ids[0];
  effective = ids[1];
  return text.empty();
}

bool parse_pids(std::string_view text, std::vector<std::int32_t>& pids) {
  while (!text.empty()) {
    if (!scan_literal(text, "\t")) {
      return false;
    }
    const auto pid = scan_number<std::int32_t>(text);
    if (!pid || *pid < 0) {
      return false;
    }
    pids.push_back(*pid);
  }
  return true;
}

template <class T>
std::optional<T> parse_value(std::string_view text, int base = 10) {
  return scan_literal(text, "\t") ? parse_number<T>(text, base) : std::nullopt;
}

}  // namespace

std::optional<StatusFile> parse_status(std::string_view text) {
  StatusFile status;
  bool uids = false;
  bool gids = false;
  std::optional<std::uint64_t> capabilities;
  std::optional<std::int32_t> tracer;
  while (!text.empty()) {
    std::string_view line = scan_until(text, '\n');
    if (scan_literal(line, "Uid:")) {
      uids = parse_ids(line, status.real_uid, status.effective_uid);
    } else if (scan_literal(line, "Gid:")) {
      gids = parse_ids(line, status.real_gid, status.effective_gid);
    } else if (scan_literal(line, "CapEff:")) {
      capabilities = parse_value<std::uint64_t>(line, 16);
    } else if (scan_literal(line, "TracerPid:")) {
      tracer = parse_value<std::int32_t>(line);
    } else if (scan_literal(line, "Kthread:")) {
      const auto flag = parse_value<std::uint32_t>(line);
      if (!flag || *flag > 1) {
        return std::nullopt;
      }
      status.kernel_thread = *flag == 1;
    } else if (scan_literal(line, "NSpid:")) {
      if (!parse_pids(line, status.namespace_pids)) {
        return std::nullopt;
      }
    }
  }
  if (!uids || !gids || !capabilities || !tracer || *tracer < 0) {
    return std::nullopt;
  }
  status.effective_capabilities = *capabilities;
  status.tracer = *tracer;
  return status;
}

}  // namespace sockwitness::recorder
