#include "query/report/html/programs.h"

namespace sockwitness::query::html {

Programs::Programs(const ComplianceInput& input) {
  for (const RegisterEntry& entry : input.services.entries) {
    add(entry.service);
  }
  for (const RegisterChange& change : input.services.changes) {
    add(change.change.before);
    add(change.change.after);
  }
}

void Programs::add(const std::optional<schema::Service>& service) {
  const schema::Owner* owner = service ? schema::principal(*service) : nullptr;
  if (owner != nullptr && owner->program &&
      places_.try_emplace(*owner->program, programs_.size()).second) {
    programs_.push_back(*owner->program);
  }
}

Markup Programs::name_of(const schema::Owner* owner) const {
  if (owner == nullptr || !owner->program) {
    return {};
  }
  const auto found = places_.find(*owner->program);
  return found == places_.end() ? Markup() : markup("P{}", found->second + 1);
}

}  // namespace sockwitness::query::html
