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
  return {
      std::string(owner.path()), owner.script, owner.uid, stable_unit(owner.unit), owner.container};
}

bool is_partly_unread(const Owner& owner) {
  return owner.unread.contains(Part::Ids) || owner.unread.contains(Part::Script) ||
         owner.unread.contains(Part::ControlGroup);
}

bool may_be_same_code(const Owner& left, const Owner& right) {
  const auto known = [&](Part part) {
    return !left.unread.contains(part) && !right.unread.contains(part);
  };
  return (!known(Part::Program) || left.path() == right.path()) &&
         (!known(Part::Script) || left.script == right.script) &&
         (!known(Part::ControlGroup) ||
          (stable_unit(left.unit) == stable_unit(right.unit) && left.container == right.container));
}

bool may_be_same_user(const Owner& left, const Owner& right) {
  constexpr Uid kRoot(0);
  return left.unread.contains(Part::Ids) || right.unread.contains(Part::Ids) ||
         left.uid == right.uid ||
         (left.user == right.user && (left.uid == kRoot) == (right.uid == kRoot));
}

bool may_be_same(const Owner& left, const Owner& right) {
  return may_be_same_code(left, right) && may_be_same_user(left, right);
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
