#include "schema/view/owner_key.h"

namespace sockwitness::schema {

std::string stable_unit(std::string_view unit) {
  const auto numbered = [&](std::string_view prefix, std::string_view suffix) {
    return unit.starts_with(prefix) && unit.ends_with(suffix);
  };
  if (numbered("session-", ".scope")) {
    return "session.scope";
  }
  if (numbered("run-", ".scope") || numbered("run-", ".service")) {
    return numbered("run-", ".scope") ? "run.scope" : "run.service";
  }
  return std::string(unit);
}

OwnerKey key_of(const Owner& owner) {
  return {std::string(owner.path()),
          owner.script,
          owner.user,
          stable_unit(owner.unit),
          owner.container};
}

const Owner* principal(const Service& service) {
  const Owner* manager = nullptr;
  for (const Owner& owner : service.owners) {
    if (!owner.manager) {
      return &owner;
    }
    manager = manager == nullptr ? &owner : manager;
  }
  return manager;
}

}  // namespace sockwitness::schema
