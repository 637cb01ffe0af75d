#include "query/report/words/host_words.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

namespace sockwitness::query {
namespace {

using schema::Gap;
using schema::GapSource;

constexpr std::size_t kMostInHeader = 72;

SafeText namespace_text(const Gap& gap, const std::vector<schema::Netns>& namespaces) {
  return gap.netns && gap.netns->value() < namespaces.size()
             ? SafeText::host(namespaces[gap.netns->value()].label)
             : SafeText();
}

SafeText count_text(const Gap& gap, std::string_view one, std::string_view many) {
  return SafeText::own(gap.count == 1 ? std::string(one) : fmt::format("{} {}", gap.count, many));
}

SafeText place_of_gap(const Gap& gap, const std::vector<schema::Netns>& namespaces) {
  const SafeText label = namespace_text(gap, namespaces);
  const SafeText inside = label.empty() ? SafeText() : " in " + label;
  switch (gap.source) {
    case GapSource::SocketTable:
      return SafeText::host(gap.object.text()) + " sockets" + inside;
    case GapSource::Namespace:
      return label.empty() ? count_text(gap, "a network namespace", "network namespaces")
                           : "network namespace " + label;
    case GapSource::ProcessList:
      if (gap.object == schema::GapPart::HiddenProcesses &&
          gap.reason == schema::GapReason::Permission) {
        const std::string what = "processes that /proc hides (hidepid)";
        return SafeText::own(gap.count == 1 ? what
                                            : fmt::format("at least {} {}", gap.count, what));
      }
      return count_text(gap, "list of processes", "lists of processes");
    case GapSource::Process:
      return count_text(gap, "a process", "processes");
    case GapSource::ProcessField:
      return SafeText::host(gap.object.text()) + " of " + count_text(gap, "a process", "processes");
    case GapSource::Descriptors:
      return "descriptors of " + count_text(gap, "a process", "processes");
    case GapSource::Program:
      return count_text(gap, "a program file", "program files");
    case GapSource::Registrations:
      return "rpcbind's registrations";
    case GapSource::Clock:
      return "clock synchronisation";
    case GapSource::Containers:
      return "what containers are called";
    case GapSource::NatRules:
      return (gap.object.empty() ? SafeText("NAT rules")
                                 : "NAT rules (" + SafeText::host(gap.object.text()) + ")") +
             inside;
    case GapSource::Interfaces:
      break;
  }
  return "interface names" + inside;
}

std::string counted(std::uint32_t count, std::string_view one, std::string_view many) {
  return count == 1 ? std::string(one) : fmt::format("{} {}", count, many);
}

std::string kind_text(GapSource source, std::uint32_t count) {
  switch (source) {
    case GapSource::SocketTable:
      return counted(count, "a table of sockets", "tables of sockets");
    case GapSource::Namespace:
      return counted(count, "a network namespace", "network namespaces");
    case GapSource::ProcessList:
      return "processes out of sight";
    case GapSource::Process:
      return counted(count, "a process", "processes");
    case GapSource::ProcessField:
      return "details of " + counted(count, "a process", "processes");
    case GapSource::Descriptors:
      return "descriptors of " + counted(count, "a process", "processes");
    case GapSource::Program:
      return counted(count, "a program file", "program files");
    case GapSource::Registrations:
      return "rpcbind's registrations";
    case GapSource::Clock:
      return "clock synchronisation";
    case GapSource::Containers:
      return "names of containers";
    case GapSource::NatRules:
      return "NAT rules";
    case GapSource::Interfaces:
      break;
  }
  return "interface names";
}

// One process lacks several fields: the largest number of one field is that of processes.
SafeText kinds_text(const std::vector<Gap>& gaps) {
  std::map<GapSource, std::map<std::string, std::uint32_t>> counts;
  for (const Gap& gap : gaps) {
    const bool by_field = gap.source == GapSource::ProcessField;
    counts[gap.source][by_field ? gap.object.text() : std::string()] += gap.count;
  }
  std::vector<SafeText> texts;
  for (const auto& [source, fields] : counts) {
    std::uint32_t most = 0;
    for (const auto& [field, count] : fields) {
      most = std::max(most, count);
    }
    texts.push_back(SafeText::own(kind_text(source, most)));
  }
  return join(texts, ", ");
}

}  // namespace

SafeText gap_text(const Gap& gap, const std::vector<schema::Netns>& namespaces) {
  if (gap.object == schema::GapPart::PidNamespace &&
      gap.reason == schema::GapReason::NotSupported) {
    return "not in the first pid namespace: processes outside of its own are not seen";
  }
  SafeText text = place_of_gap(gap, namespaces);
  if (gap.pid) {
    text += SafeText::own(fmt::format(" ({})", gap.pid->value()));
  }
  return text + ": " + SafeText::own(schema::gap_reason_word(gap.reason));
}

std::vector<SafeText> gap_lines(const std::vector<Gap>& gaps,
                                const std::vector<schema::Netns>& namespaces) {
  std::set<schema::Pid> processes;
  for (const Gap& gap : gaps) {
    if (gap.pid) {
      processes.insert(*gap.pid);
    }
  }
  // Gaps that differ in their process only are one line with their number; fields that the same
  // processes lack share a line.
  std::map<std::string, std::pair<Gap, std::uint32_t>> kinds;
  for (const Gap& gap : gaps) {
    Gap kind = gap;
    kind.pid = processes.size() == 1 ? gap.pid : std::nullopt;
    kind.count = 1;
    const auto entry = kinds.try_emplace(gap_text(kind, namespaces).text(), kind, 0U).first;
    entry->second.second += gap.count;
  }
  std::map<std::pair<schema::GapReason, std::uint32_t>, Gap> fields;
  std::vector<SafeText> texts;
  for (auto& [word, kind] : kinds) {
    auto& [gap, count] = kind;
    gap.count = count;
    if (gap.source != GapSource::ProcessField) {
      texts.push_back(gap_text(gap, namespaces));
      continue;
    }
    const auto [entry, is_new] = fields.try_emplace({gap.reason, count}, gap);
    if (!is_new) {
      Gap& told = entry->second;
      told.object = schema::GapObject::of_text(told.object.text() + ", " + gap.object.text());
    }
  }
  for (const auto& [key, gap] : fields) {
    texts.push_back(gap_text(gap, namespaces));
  }
  return texts;
}

SafeText gaps_text(const std::vector<Gap>& gaps, const std::vector<schema::Netns>& namespaces) {
  return join(gap_lines(gaps, namespaces), "; ");
}

SafeText completeness_text(const std::vector<Gap>& gaps,
                           const std::vector<schema::Netns>& namespaces) {
  if (gaps.empty()) {
    return "complete";
  }
  const SafeText count =
      SafeText::own(fmt::format("{} gap{}: ", gaps.size(), gaps.size() == 1 ? "" : "s"));
  const SafeText whole = gaps_text(gaps, namespaces);
  return count +
         (whole.text().size() <= kMostInHeader ? whole : kinds_text(gaps) + " (--gaps lists them)");
}

void add_gaps(Page& page,
              const std::vector<Gap>& gaps,
              const std::vector<schema::Netns>& namespaces) {
  for (SafeText& line : gap_lines(gaps, namespaces)) {
    page.add("gap: " + std::move(line), Style::Warning);
  }
}

}  // namespace sockwitness::query
