// Why a change is one, in plain words.
//
// In:    the services of both sides.
// Out:   a sentence with names of the host in it, as raw bytes.
// Never: escapes, or says more than the two sides show.
#pragma once

#include <string>

#include "query/analysis/owners.h"
#include "query/analysis/reach.h"
#include "schema/model/service.h"

namespace sockwitness::query {

// "port 8080", "/run/x.sock"
[[nodiscard]] std::string place_words(const schema::Endpoint& endpoint);
// "nginx (package nginx)", "python3 running /tmp/x.py as www-data"; null is the kernel.
[[nodiscard]] std::string owner_words(const schema::Owner* owner);

// What a runtime runs: "/srv/app.py", "gunicorn shop:app", the begin of code on the command line;
// empty for other programs.
[[nodiscard]] std::string app_words(const schema::Owner& owner);

[[nodiscard]] std::string owner_change_words(const schema::Endpoint& endpoint,
                                             const OwnerComparison& comparison);
[[nodiscard]] std::string relocation_words(const schema::Endpoint& endpoint,
                                           const schema::Owner& before,
                                           const schema::Owner& after);
[[nodiscard]] std::string program_change_words(const schema::Program& before,
                                               const schema::Program& after);
[[nodiscard]] std::string reach_change_words(const Reach& before, const Reach& after);
[[nodiscard]] std::string move_words(const schema::Service& before, const schema::Service& after);
[[nodiscard]] std::string target_words(const schema::Endpoint& endpoint,
                                       const schema::Owner& owner,
                                       std::string_view before,
                                       std::string_view after);
[[nodiscard]] std::string rule_target_words(const schema::Endpoint& endpoint,
                                            std::string_view before,
                                            std::string_view after);
[[nodiscard]] std::string user_rename_words(const schema::Owner& before,
                                            const schema::Owner& after);
[[nodiscard]] std::string namespace_rename_words(const std::string& before,
                                                 const std::string& after);
[[nodiscard]] std::string namespace_words(const schema::Service& before,
                                          const schema::Service& after);

}  // namespace sockwitness::query
