// What stays of an owner when its process does not.
//
// In:    owners of a service.
// Out:   a key that is the same over restarts, logins and reboots; the one owner that stands for
//        all.
// Never: a pid, a time or a number that counts up.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "schema/model/service.h"

namespace sockwitness::schema {

struct OwnerKey {
  std::string program;
  std::string script;
  Uid user = kNoUid;
  std::string unit;  // stable_unit() of it
  std::string container;

  friend auto operator<=>(const OwnerKey&, const OwnerKey&) = default;
};

// Units that are numbered by the day lose their number: "session-12.scope" is a login session.
[[nodiscard]] std::string stable_unit(std::string_view unit);

[[nodiscard]] OwnerKey key_of(const Owner& owner);

// Some part of its key could not be read: then the key is nobody's.
[[nodiscard]] bool is_partly_unread(const Owner& owner);

// No part that both sides know says that they are two.
[[nodiscard]] bool may_be_same(const Owner& left, const Owner& right);
// The same but for the user.
[[nodiscard]] bool may_be_same_code(const Owner& left, const Owner& right);

// Names may be read at one time and not at another, and numbers differ from host to host: one of
// both does, but nobody is root by his name.
[[nodiscard]] bool may_be_same_user(const Owner& left, const Owner& right);

// The one that stands for a service: its oldest owner that does not hold it for others.
[[nodiscard]] const Owner* principal(const Service& service);

}  // namespace sockwitness::schema
