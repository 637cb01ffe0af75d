#include "recorder/programs/known_programs.h"

namespace sockwitness::recorder {

using schema::PackageVerdict;

KnownFacts::KnownFacts(const KnownPrograms& known) : as_of_(known.packages_as_of) {
  for (const auto& program : known.programs) {
    if (program.verdict == PackageVerdict::Matches && !program.sha256.empty()) {
      intact_.insert_or_assign(std::pair(program.path, program.sha256),
                               std::pair(program.package, program.package_version));
    }
  }
  if (!as_of_) {
    return;
  }
  for (const auto& program : known.unsettled) {
    unsettled_.emplace(file_key(program), program.path);
  }
  for (const auto& program : known.programs) {
    if (!is_anonymous(program.state) && program.verdict != PackageVerdict::Unknown) {
      programs_.emplace(std::pair(file_key(program), program.path), program);
    }
  }
}

std::optional<ProgramFacts> KnownFacts::find_stored(const schema::Program& program,
                                                    Inspection inspection) const {
  std::optional<ProgramFacts> found;
  if (unsettled_.contains(std::pair(file_key(program), program.path))) {
    return std::nullopt;
  }
  const auto [first, last] = programs_.equal_range(std::pair(file_key(program), program.path));
  for (auto at = first; at != last; ++at) {
    const auto& stored = at->second;
    ProgramFacts facts{stored.sha256, stored.verdict, stored.package, stored.package_version};
    if (is_owned(stored.verdict) && inspection == Inspection::OwnedOrNot) {
      // What it is told must not depend on who else ran the same file.
      facts.sha256.clear();
      facts.verdict = PackageVerdict::NotChecked;
    } else if (stored.sha256.empty() || stored.verdict == PackageVerdict::NotChecked) {
      continue;
    }
    if (found && *found != facts) {
      return std::nullopt;  // seen below two roots that judge it differently
    }
    found = std::move(facts);
  }
  return found;
}

std::optional<ProgramFacts> KnownFacts::find(const schema::Program& program,
                                             Inspection inspection,
                                             PackageRoot& root,
                                             int descriptor,
                                             Whereabouts* where) {
  // The kernel's change times advance in ticks, and a change may fall into the same one.
  constexpr std::int64_t kMarginMicros = 2'000'000;
  if (is_anonymous(program.state)) {
    return std::nullopt;
  }
  auto found = find_stored(program, inspection);
  if (!found) {
    return std::nullopt;
  }
  const auto asked = root.changed_at(descriptor, where);
  if (!asked) {
    return std::nullopt;
  }
  const std::optional<schema::WallTime>& changed = asked.value();
  const bool had_database = found->verdict != PackageVerdict::NoDatabase;
  if (changed.has_value() != had_database) {
    return std::nullopt;
  }
  if (changed && changed->microseconds + kMarginMicros >= as_of_->microseconds) {
    return std::nullopt;
  }
  return found;
}

ProgramFacts KnownFacts::as_installed(const schema::Program& program, ProgramFacts facts) const {
  if (program.state != schema::FileState::Replaced || facts.verdict != PackageVerdict::Differs) {
    return facts;
  }
  const auto installed = intact_.find(std::pair(program.path, facts.sha256));
  if (installed != intact_.end() && installed->second.first == facts.package) {
    facts.verdict = PackageVerdict::Matches;
    facts.version = installed->second.second;
  }
  return facts;
}

}  // namespace sockwitness::recorder
