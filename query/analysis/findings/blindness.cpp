#include "query/analysis/findings/blindness.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace sockwitness::query {
namespace {

using schema::Gap;
using schema::GapSource;
using Tables = std::vector<std::string_view>;

constexpr auto kHolding =
    std::to_array<std::string_view>({"holders", "standard_fds", "descriptors", "channels"});

Tables tables_of_processes() {
  Tables tables(kHolding.begin(), kHolding.end());
  tables.insert(tables.end(),
                {"processes", "arguments", "ancestry", "programs", "mappings", "preloads"});
  return tables;
}

// Which tables lack something because of the gap.
Tables thinned_by(const Gap& gap) {
  switch (gap.source) {
    case GapSource::SocketTable:
      return {"sockets"};
    case GapSource::Namespace:
      return {"sockets", "namespaces"};
    case GapSource::ProcessList:
    case GapSource::Process:
      return tables_of_processes();
    case GapSource::Descriptors:
      return {kHolding.begin(), kHolding.end()};
    case GapSource::Program:
      return {"programs", "processes"};
    case GapSource::Registrations:
      return {"sockets"};
    case GapSource::ProcessField:
      break;
    case GapSource::NatRules:
      return {"forwards"};
    case GapSource::Clock:
    case GapSource::Interfaces:
    case GapSource::Containers:
      return {};
  }
  if (gap.object == schema::GapPart::Descriptors) {
    return {kHolding.begin(), kHolding.end()};
  }
  if (gap.object == schema::GapPart::Mappings) {
    return {"mappings"};
  }
  if (gap.object == schema::GapPart::Environment) {
    return {"preloads"};
  }
  if (gap.object == schema::GapPart::ProgramFile) {
    return {"programs", "processes"};
  }
  if (gap.object == schema::GapPart::CommandLine) {
    return {"arguments", "processes"};
  }
  return {"processes"};
}

}  // namespace

std::vector<Blindness> find_blindness(std::span<const RuleReads> reads, std::span<const Gap> gaps) {
  std::vector<Blindness> blindness;
  for (std::size_t at = 0; at < gaps.size(); ++at) {
    const Tables thinned = thinned_by(gaps[at]);
    Blindness blind{at, {}};
    for (const RuleReads& read : reads) {
      if (std::any_of(read.tables.begin(), read.tables.end(), [&](const std::string& table) {
            return std::find(thinned.begin(), thinned.end(), table) != thinned.end();
          })) {
        blind.rules.push_back(read.rule);
      }
    }
    if (!blind.rules.empty()) {
      blindness.push_back(std::move(blind));
    }
  }
  return blindness;
}

}  // namespace sockwitness::query
