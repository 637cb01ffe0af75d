#include "query/analysis/content.h"

#include <optional>
#include <set>
#include <utility>

#include "schema/view/owner_key.h"

namespace sockwitness::query {
namespace {

using schema::Owner;
using schema::Program;
using schema::Service;
using File = std::optional<Program> Owner::*;

// What was at the path before; nothing when a process ran this very content, or none was known.
const Program* find_other_content(const Service& before, const Program& now, File file) {
  const Program* other = nullptr;
  for (const Owner& owner : before.owners) {
    const std::optional<Program>& known = owner.*file;
    if (!known || !schema::same_place(known->path, now.path) || known->sha256.empty()) {
      continue;
    }
    if (known->sha256 == now.sha256) {
      return nullptr;
    }
    other = &*known;
  }
  return other;
}

}  // namespace

std::vector<ContentChange> find_content_changes(const Service& before, const Service& after) {
  std::vector<ContentChange> changes;
  std::set<std::pair<std::string_view, std::string_view>> told;
  for (const Owner& owner : after.owners) {
    for (const File file : {&Owner::program, &Owner::script_file}) {
      const std::optional<Program>& now = owner.*file;
      if (!now || now->sha256.empty()) {
        continue;
      }
      const Program* other = find_other_content(before, *now, file);
      if (other != nullptr && told.insert({now->path, now->sha256}).second) {
        changes.push_back({other, &*now, now->verdict == schema::PackageVerdict::Matches});
      }
    }
  }
  return changes;
}

std::optional<std::pair<const Owner*, const Owner*>> find_relocation(const Service& before,
                                                                     const Service& after) {
  for (const Owner& now : after.owners) {
    const Owner* moved = nullptr;
    for (const Owner& old : before.owners) {
      const bool stayed = old.path() == now.path() && old.script == now.script;
      if (stayed) {
        moved = nullptr;
        break;
      }
      if (schema::is_relocated(old, now) && schema::may_be_same_code(old, now)) {
        moved = &old;
      }
    }
    if (moved != nullptr) {
      return std::pair(moved, &now);
    }
  }
  return std::nullopt;
}

}  // namespace sockwitness::query
