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
  std::string user;
  std::string unit;  // stable_unit() of it
  std::string container;

  friend auto operator<=>(const OwnerKey&, const OwnerKey&) = default;
};

// Units that are numbered by the day lose their number: "session-12.scope" is a login session.
[[nodiscard]] std::string stable_unit(std::string_view unit);

[[nodiscard]] OwnerKey key_of(const Owner& owner);

// The one that stands for a service: its oldest owner that does not hold it for others.
[[nodiscard]] const Owner* principal(const Service& service);

}  // namespace sockwitness::schema
