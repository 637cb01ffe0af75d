// The words of a filter as the numbers that rows have: text ids, user ids, namespaces.
//
// In:    a filter, the contexts of the range that is asked about.
// Out:   yes or no for a number; each text is compared once.
// Never: says no where some snapshot of the range would say yes.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "query/analysis/filter.h"
#include "query/read/snapshot_contexts.h"
#include "schema/disk/texts.h"

namespace sockwitness::query {

class FilterWords {
 public:
  // Both must outlive this object.
  FilterWords(schema::Database& database, const SnapshotContexts& contexts, const Filter& filter);

  [[nodiscard]] bool program_text(schema::RowId text);
  [[nodiscard]] bool program(schema::RowId program);  // by its path
  [[nodiscard]] bool unit(std::optional<schema::RowId> text);
  [[nodiscard]] bool container(std::optional<schema::RowId> text);
  // By one of its names; `container` of its dictionary.
  [[nodiscard]] bool container_facts(std::optional<schema::RowId> container);
  [[nodiscard]] bool place(schema::RowId text) { return unit(text) || container(text); }
  [[nodiscard]] bool user(schema::Uid uid) const;
  [[nodiscard]] bool netns(schema::RowId origin) const;
  // An address of the own end; any for a filter that names none.
  [[nodiscard]] bool local_address(schema::RowId text);
  // The same for what the filter says of either end.
  [[nodiscard]] bool either_address(schema::RowId text);

 private:
  using Known = std::unordered_map<schema::RowId, bool>;
  template <class Test>
  [[nodiscard]] bool remember(Known& known, schema::RowId id, Test test);

  schema::Database& database_;
  const Filter& filter_;
  schema::Texts texts_;
  Known programs_;
  Known program_texts_;
  Known units_;
  Known containers_;
  Known container_facts_;
  Known addresses_;
  Known either_addresses_;
  std::unordered_set<schema::Uid> named_users_;
  std::unordered_set<schema::RowId> namespaces_;
};

}  // namespace sockwitness::query
