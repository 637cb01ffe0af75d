#include "query/analysis/change_kind.h"

#include <algorithm>
#include <array>

namespace sockwitness::query {
namespace {

struct KindWord {
  ChangeKind kind;
  std::string_view word;
};

constexpr std::array<KindWord, 12> kKindWords{
    {{ChangeKind::NewListener, "new_listener"},
     {ChangeKind::VanishedService, "vanished_service"},
     {ChangeKind::OwnerChanged, "owner_changed"},
     {ChangeKind::ProgramChanged, "program_changed"},
     {ChangeKind::ExposureWidened, "exposure_widened"},
     {ChangeKind::ExposureNarrowed, "exposure_narrowed"},
     {ChangeKind::Moved, "moved"},
     {ChangeKind::ForwardingChanged, "forwarding_changed"},
     {ChangeKind::Renamed, "renamed"},
     {ChangeKind::Restarted, "restarted"},
     {ChangeKind::Reopened, "reopened"},
     {ChangeKind::Flapping, "flapping"}}};

}  // namespace

std::string_view change_kind_word(ChangeKind kind) {
  return kKindWords.at(static_cast<std::size_t>(kind)).word;
}

std::optional<ChangeKind> parse_change_kind(std::string_view word) {
  const auto found = std::find_if(kKindWords.begin(), kKindWords.end(), [&](const KindWord& entry) {
    return entry.word == word;
  });
  return found == kKindWords.end() ? std::nullopt : std::optional(found->kind);
}

std::vector<ChangeKind> all_change_kinds() {
  std::vector<ChangeKind> kinds;
  for (const KindWord& entry : kKindWords) {
    kinds.push_back(entry.kind);
  }
  return kinds;
}

}  // namespace sockwitness::query
