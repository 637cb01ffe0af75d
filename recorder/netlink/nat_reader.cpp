#include "recorder/netlink/nat_reader.h"

#include <fcntl.h>
#include <linux/netlink.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "recorder/netlink/interfaces.h"
#include "recorder/netlink/nat_connection.h"
#include "recorder/netlink/nat_walk.h"
#include "recorder/os/dir.h"

namespace sockwitness::recorder {
namespace {

using schema::GapReason;

constexpr int kNatAttempts = 3;
constexpr std::size_t kLongestList = 1U << 20U;

void note(SocketReading& reading,
          GapReason reason,
          schema::GapObject object,
          int error_number = 0,
          std::uint32_t count = 1) {
  schema::Gap gap;
  gap.source = schema::GapSource::NatRules;
  gap.reason = reason;
  gap.object = std::move(object);
  gap.error_number = error_number;
  gap.count = count;
  reading.gaps.push_back(std::move(gap));
}

bool has_line(std::string_view text, std::string_view line_begin) {
  return text.starts_with(line_begin) ||
         text.find("\n" + std::string(line_begin)) != std::string_view::npos;
}

// nfnetlink has a socket of the kernel's in every namespace. No gap in that table, and no such
// socket: there is none, and no rules.
bool lacks_nfnetlink(const SocketReading& reading) {
  const bool unread =
      std::any_of(reading.gaps.begin(), reading.gaps.end(), [](const schema::Gap& gap) {
        return gap.source != schema::GapSource::SocketTable ||
               gap.object == schema::Protocol::Netlink;
      });
  return !unread &&
         std::none_of(
             reading.sockets.begin(), reading.sockets.end(), [](const schema::Socket& socket) {
               return socket.protocol == schema::Protocol::Netlink &&
                      socket.number == NETLINK_NETFILTER;
             });
}

// The rules that packets come to, as far as they may lead elsewhere.
DumpEnd read_ruleset(NatConnection& connection, NatRuleset& ruleset) {
  DumpEnd end = connection.read_chains(ruleset);
  std::set<NatTable> tables;
  for (const auto& [chain, hook] : ruleset.hooks) {
    tables.insert(chain.table);
  }
  for (const NatTable& table : tables) {
    if (end.outcome == DumpOutcome::Complete) {
      end = connection.read_rules(table, ruleset);
    }
    if (end.outcome == DumpOutcome::Complete) {
      end = connection.read_sets(table, ruleset);
    }
  }
  std::set<NatName> loaded;
  while (end.outcome == DumpOutcome::Complete) {
    std::set<NatName> wanted = find_used_sets(ruleset, loaded);
    std::erase_if(wanted, [&](const NatName& set) { return loaded.contains(set); });
    if (wanted.empty()) {
      break;
    }
    for (const NatName& set : wanted) {
      if (end.outcome == DumpOutcome::Complete) {
        end = connection.read_elements(set, ruleset);
      }
    }
    loaded.merge(wanted);
  }
  return end;
}

// What is gone since it was listed is a change as well.
DumpEnd read_once(NatConnection& connection, NatRuleset& ruleset) {
  std::uint32_t before = 0;
  std::uint32_t after = 0;
  DumpEnd end = connection.read_generation(before);
  if (end.outcome != DumpOutcome::Complete) {
    return end;
  }
  end = read_ruleset(connection, ruleset);
  if (end.outcome == DumpOutcome::Complete) {
    end = connection.read_generation(after);
  }
  const bool changed = end.outcome == DumpOutcome::Complete && before != after;
  const bool gone = end.outcome == DumpOutcome::Missing && end.error_number == ENOENT;
  return changed || gone ? DumpEnd{DumpOutcome::Interrupted, 0} : end;
}

void note_legacy(int net_directory, SocketReading& reading) {
  bool found = false;
  int refused = 0;
  for (const char* file : {"ip_tables_names", "ip6_tables_names"}) {
    std::string text;
    const auto got = read_file_at(net_directory, file, text, kLongestList);
    found = found || (got && has_line(text, "nat\n"));
    refused = got || got.error().number == ENOENT ? refused : got.error().number;
  }
  if (found) {
    note(reading, GapReason::NotSupported, schema::GapPart::LegacyNat);
  } else if (refused != 0) {
    const bool denied = refused == EPERM || refused == EACCES;
    note(reading,
         denied ? GapReason::Permission : GapReason::Failed,
         schema::GapPart::LegacyNat,
         refused);
  }
}

}  // namespace

// Where nfnetlink is a module and nf_tables is not among the modules, it is not in the kernel: to
// ask for its rules would load it.
NatReader::NatReader(const std::string& proc_root, std::vector<std::byte>& buffer)
    : buffer_(buffer) {
  std::string modules;
  if (read_file_at(AT_FDCWD, (proc_root + "/modules").c_str(), modules, kLongestList)) {
    possible_ = !has_line(modules, "nfnetlink ") || has_line(modules, "nf_tables ");
  }
}

void NatReader::read(int net_directory, SocketReading& reading) {
  if (net_directory >= 0) {
    note_legacy(net_directory, reading);
  }
  if (!possible_ || lacks_nfnetlink(reading)) {
    return;
  }
  DumpEnd end;
  for (int attempt = 0; attempt < kNatAttempts; ++attempt) {
    auto connection = NatConnection::open(buffer_);
    if (!connection) {
      const int number = connection.error().number;
      end = {classify_dump_error(number), number};
      break;
    }
    NatRuleset ruleset;
    end = read_once(connection.value(), ruleset);
    if (end.outcome == DumpOutcome::Interrupted) {
      continue;
    }
    if (end.outcome != DumpOutcome::Complete) {
      break;
    }
    if (const auto malformed = connection.value().malformed(); malformed > 0) {
      note(reading, GapReason::Failed, schema::GapPart::NatTables, EBADMSG, malformed);
    }
    NatPorts found = follow_nat_rules(ruleset);
    for (const std::string& chain : found.unknown) {
      note(reading, GapReason::NotSupported, schema::GapObject::of_text(chain));
    }
    if (found.too_many) {
      note(reading, GapReason::TooMany, schema::GapPart::NatTables);
    }
    const int unnamed = read_interface_names(connection.value().descriptor(), found.ports);
    if (unnamed != 0) {
      note(reading, GapReason::Failed, schema::GapPart::InterfaceNames, unnamed);
    }
    std::move(found.ports.begin(), found.ports.end(), std::back_inserter(reading.sockets));
    return;
  }
  if (end.outcome != DumpOutcome::Missing) {
    note(reading, gap_reason_of(end.outcome), schema::GapPart::NatTables, end.error_number);
  }
}

void NatReader::note_refused(int error_number, SocketReading& reading) {
  const bool denied = error_number == EPERM || error_number == EACCES;
  note(reading,
       denied ? GapReason::Permission : GapReason::Failed,
       schema::GapPart::NatTables,
       error_number);
}

}  // namespace sockwitness::recorder
