#include "schema/view/owner_key.h"

#include <utility>

#include "schema/view/app.h"
#include "schema/view/container_identity.h"

namespace sockwitness::schema {

bool same_place(std::string_view left, std::string_view right) {
  return left == right || stable_path(left) == stable_path(right);
}

namespace {

bool same_content(const std::optional<Program>& left, const std::optional<Program>& right) {
  return left && right && !left->sha256.empty() && left->sha256 == right->sha256;
}

bool same_app(const Owner& left, const Owner& right) {
  const AppIdentity one = app_of(left);
  const AppIdentity other = app_of(right);
  const bool same_object =
      one.object.empty() || other.object.empty() || same_place(one.object, other.object);
  const bool same_file = !one.what || !other.what || same_place(*one.what, *other.what) ||
                         names_same_module(*one.what, *other.what) ||
                         same_content(left.script_file, right.script_file);
  const bool same_root =
      one.place.empty() || other.place.empty() || same_place(one.place, other.place);
  return same_object && same_file && same_root;
}

// Files of earlier versions name the manager of a user's units alone.
bool same_unit(std::string_view left, std::string_view right) {
  const auto names_manager_of = [](std::string_view manager, std::string_view unit) {
    return manager.starts_with("user@") && unit.size() > manager.size() &&
           unit.starts_with(manager) && unit[manager.size()] == '/';
  };
  return left == right || stable_unit(left) == stable_unit(right) ||
         names_manager_of(left, right) || names_manager_of(right, left);
}

// Of a title: what it counts, and what fills up its place.
std::string without_numbers(std::string_view title) {
  std::string text;
  for (const char c : title) {
    if (c != '\0' && c != ' ' && (c < '0' || c > '9')) {
      text.push_back(c);
    }
  }
  return text;
}

// A unit of a service: whoever its file names runs in it.
bool is_of_one_service(const Owner& left, const Owner& right) {
  return left.unit.ends_with(".service") && stable_unit(left.unit) == stable_unit(right.unit);
}

}  // namespace

OwnerKey key_of(const Owner& owner) {
  const AppIdentity app = app_of(owner);
  std::string what = app.what ? stable_path(*app.what) : std::string();
  if (!app.object.empty()) {
    what = stable_path(app.object);
  }
  if (!app.place.empty()) {
    what.append(" in ").append(stable_path(app.place));
  }
  return {stable_path(owner.path()),
          std::move(what),
          owner.uid,
          stable_unit(owner.unit),
          container_identity(owner.container, owner.container_facts)};
}

bool is_partly_unread(const Owner& owner) {
  return owner.unread.contains(Part::Ids) || owner.unread.contains(Part::Script) ||
         owner.unread.contains(Part::ControlGroup);
}

bool hides_app(const Owner& left, const Owner& right) {
  const AppIdentity one = app_of(left);
  const AppIdentity other = app_of(right);
  const bool told = !one.object.empty() && !other.object.empty();
  return one.what.has_value() != other.what.has_value() && !told && !is_of_one_service(left, right);
}

bool hides_both_apps(const Owner& left, const Owner& right) {
  const AppIdentity one = app_of(left);
  const AppIdentity other = app_of(right);
  const bool told = one.what || other.what || (!one.object.empty() && !other.object.empty());
  return !told && left.command_line && right.command_line && !is_of_one_service(left, right) &&
         without_numbers(*left.command_line) != without_numbers(*right.command_line);
}

bool is_relocated(const Owner& before, const Owner& after) {
  return (before.path() != after.path() && same_content(before.program, after.program)) ||
         (before.script != after.script && same_content(before.script_file, after.script_file));
}

bool may_be_same_app(const Owner& left, const Owner& right) {
  const bool unread = left.unread.contains(Part::Program) || right.unread.contains(Part::Program);
  return (unread || same_place(left.path(), right.path()) ||
          same_content(left.program, right.program)) &&
         same_app(left, right);
}

bool may_be_same_code(const Owner& left, const Owner& right) {
  const bool unread =
      left.unread.contains(Part::ControlGroup) || right.unread.contains(Part::ControlGroup);
  return may_be_same_app(left, right) &&
         (unread ||
          (same_unit(left.unit, right.unit) &&
           may_be_same_container(
               left.container, left.container_facts, right.container, right.container_facts)));
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
