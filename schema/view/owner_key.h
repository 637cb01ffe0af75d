// What stays of an owner when its process does not.
//
// In:    owners of a service.
// Out:   a key that is the same over restarts, logins and reboots; the one owner that stands for
//        all.
// Never: a pid, a time, a title or a number that counts up.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "schema/model/service.h"
#include "schema/view/stable_name.h"

namespace sockwitness::schema {

struct OwnerKey {
  std::string program;  // stable_path() of it
  std::string app;      // what a runtime runs
  Uid user = kNoUid;
  std::string unit;       // stable_unit() of it
  std::string container;  // container_identity() of it

  friend auto operator<=>(const OwnerKey&, const OwnerKey&) = default;
};

[[nodiscard]] OwnerKey key_of(const Owner& owner);

// Some part of its key could not be read: then the key is not used.
[[nodiscard]] bool is_partly_unread(const Owner& owner);

// A title hides what the one runs, the other one's is known, and no unit vouches for both.
[[nodiscard]] bool hides_app(const Owner& left, const Owner& right);

// Titles hide what both run and are not the same, and no unit vouches for both.
[[nodiscard]] bool hides_both_apps(const Owner& left, const Owner& right);

// The same path, but for what is a version or was generated in it.
[[nodiscard]] bool same_place(std::string_view left, std::string_view right);

// The same content runs from another path.
[[nodiscard]] bool is_relocated(const Owner& before, const Owner& after);

// Program and what it runs, as far as both sides know them.
[[nodiscard]] bool may_be_same_app(const Owner& left, const Owner& right);
// No part that both sides know says that they are two.
[[nodiscard]] bool may_be_same(const Owner& left, const Owner& right);
// The same but for the user.
[[nodiscard]] bool may_be_same_code(const Owner& left, const Owner& right);

// Names may be read at one time and not at another, and numbers differ from host to host: one of
// both does, but a name alone does not make a user root.
[[nodiscard]] bool may_be_same_user(const Owner& left, const Owner& right);

// The one that stands for a service: its oldest owner that does not hold it for others.
[[nodiscard]] const Owner* principal(const Service& service);

}  // namespace sockwitness::schema
