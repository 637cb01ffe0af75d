#include "query/read/filter_words.h"

#include <algorithm>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/disk/container_codec.h"
#include "schema/disk/database.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::query {

using schema::RowId;

FilterWords::FilterWords(schema::Database& database,
                         const SnapshotContexts& contexts,
                         const Filter& filter)
    : database_(database), filter_(filter), texts_(database) {
  for (const auto& [seen, row] : contexts.users()) {
    if (!filter.users.empty() && user_fits(filter, row.user.uid, row.user.name)) {
      named_users_.insert(row.user.uid);
    }
  }
  for (const auto& [seen, row] : contexts.namespaces()) {
    if (netns_fits(filter, row.netns.label)) {
      namespaces_.insert(row.origin.value_or(row.id));
    }
  }
}

template <class Test>
bool FilterWords::remember(Known& known, RowId id, Test test) {
  const auto found = known.find(id);
  if (found != known.end()) {
    return found->second;
  }
  return known.emplace(id, test()).first->second;
}

bool FilterWords::program_text(RowId text) {
  return remember(program_texts_, text, [&] { return program_fits(filter_, texts_.get(text)); });
}

bool FilterWords::program(RowId program) {
  return remember(programs_, program, [&] {
    SQLite::Statement statement(database_.sqlite(),
                                "SELECT path, sha256 FROM program WHERE id = ?1");
    statement.bind(1, program);
    if (!statement.executeStep()) {
      return false;
    }
    schema::RowReader row(statement);
    const RowId path = row.integer();
    return program_text(path) || program_fits(filter_, {}, row.bytes());
  });
}

bool FilterWords::unit(std::optional<RowId> text) {
  return text ? remember(units_, *text, [&] { return unit_fits(filter_, texts_.get(*text)); })
              : unit_fits(filter_, "");
}

bool FilterWords::container(std::optional<RowId> text) {
  return text ? remember(containers_,
                         *text,
                         [&] { return container_fits(filter_, texts_.get(*text), {}); })
              : container_fits(filter_, "", {});
}

bool FilterWords::container_facts(std::optional<RowId> container) {
  return container && remember(container_facts_, *container, [&] {
           SQLite::Statement statement(database_.sqlite(),
                                       std::string(schema::sql::kReadContainer));
           statement.bind(1, *container);
           if (!statement.executeStep()) {
             return false;
           }
           schema::RowReader row(statement);
           return container_fits(filter_, "", schema::decode_container(row, texts_));
         });
}

bool FilterWords::user(schema::Uid uid) const {
  return user_fits(filter_, uid, "") || named_users_.contains(uid);
}

bool FilterWords::netns(RowId origin) const {
  return filter_.namespaces.empty() || namespaces_.contains(origin);
}

bool FilterWords::local_address(RowId text) {
  return remember(addresses_, text, [&] {
    const auto address = schema::IpAddress::from_bytes(texts_.get(text));
    const auto within = [&](const std::optional<schema::IpPrefix>& prefix) {
      return !prefix || (address && prefix->contains(*address));
    };
    const auto meant = [&](const schema::AddressPattern& pattern) {
      return within(pattern.prefix);
    };
    const auto named = [&](const schema::EndpointPattern& pattern) {
      const auto* inet = std::get_if<schema::InetPattern>(&pattern);
      return inet == nullptr || within(inet->prefix);
    };
    return (filter_.local.empty() ||
            std::any_of(filter_.local.begin(), filter_.local.end(), meant)) &&
           (filter_.endpoints.empty() ||
            std::any_of(filter_.endpoints.begin(), filter_.endpoints.end(), named));
  });
}

bool FilterWords::either_address(RowId text) {
  return remember(either_addresses_, text, [&] {
    const auto address = schema::IpAddress::from_bytes(texts_.get(text));
    return std::any_of(
        filter_.either.begin(), filter_.either.end(), [&](const schema::AddressPattern& pattern) {
          return !pattern.prefix || (address && pattern.prefix->contains(*address));
        });
  });
}

}  // namespace sockwitness::query
