#include "query/read/remote_search.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/read/sql.h"
#include "schema/disk/database.h"
#include "schema/disk/row.h"

namespace sockwitness::query {
namespace {

using schema::IpPrefix;
using schema::RowId;

struct Wanted {
  std::uint8_t network;
  std::optional<std::uint8_t> address;  // nothing: any address of the network
};

// In bits of the IPv4 address within, where there is one.
unsigned plain_length(const IpPrefix& prefix) {
  constexpr unsigned kMapped = 96;
  if (!prefix.address.mapped_v4()) {
    return prefix.length;
  }
  return prefix.length < kMapped ? 0 : prefix.length - kMapped;
}

bool is_v6(const IpPrefix& prefix) {
  return prefix.address.is_v6() && !prefix.address.mapped_v4();
}

std::vector<Wanted> fingerprints_of(const std::vector<IpPrefix>& prefixes) {
  std::vector<Wanted> wanted;
  for (const IpPrefix& prefix : prefixes) {
    const bool whole = plain_length(prefix) == (is_v6(prefix) ? 128U : 32U);
    wanted.push_back(
        {schema::network_fingerprint(prefix.address),
         whole ? std::optional(schema::address_fingerprint(prefix.address)) : std::nullopt});
  }
  return wanted;
}

// The stored bytes of one block, one for each row.
class Block {
 public:
  Block(RowId first, std::string_view networks, std::string_view addresses)
      : first_(first), networks_(networks), addresses_(addresses) {}

  void find(const std::vector<Wanted>& wanted, RowRange rows, std::vector<RowId>& found) const {
    const std::size_t old = found.size();
    for (const Wanted& each : wanted) {
      const std::string_view searched = each.address ? addresses_ : networks_;
      const char byte = static_cast<char>(each.address.value_or(each.network));
      for (auto at = searched.find(byte); at != std::string_view::npos;
           at = searched.find(byte, at + 1)) {
        const RowId id = first_ + static_cast<RowId>(at);
        if (networks_.at(at) == static_cast<char>(each.network) && id >= rows.first &&
            id <= rows.last) {
          found.push_back(id);
        }
      }
    }
    if (wanted.size() > 1) {
      const auto begin = found.begin() + static_cast<std::ptrdiff_t>(old);
      std::sort(begin, found.end());
      found.erase(std::unique(begin, found.end()), found.end());
    }
  }

 private:
  RowId first_;
  std::string_view networks_;
  std::string_view addresses_;
};

}  // namespace

bool digests_can_tell(const IpPrefix& prefix) {
  return plain_length(prefix) >= schema::network_length(is_v6(prefix));
}

RemoteHits find_remote(schema::Database& database,
                       RowRange rows,
                       const std::vector<IpPrefix>& prefixes) {
  RemoteHits hits;
  const std::vector<Wanted> wanted = fingerprints_of(prefixes);
  SQLite::Statement statement(database.sqlite(), std::string(sql::kReadRemoteDigests));
  statement.bind(1, schema::digest_block(rows.first));
  statement.bind(2, schema::digest_block(rows.last));
  RowId next = rows.first;
  while (next <= rows.last && statement.executeStep()) {
    schema::RowReader row(statement);
    const RowId first = row.integer() * schema::kDigestRows + 1;
    const std::string_view networks = row.bytes();
    const std::string_view addresses = row.bytes();
    if (networks.size() != addresses.size()) {
      continue;  // not as it was written: these rows are read themselves
    }
    if (first > next) {
      hits.unknown.push_back({next, first - 1});
    }
    Block(first, networks, addresses).find(wanted, rows, hits.rows);
    next = first + static_cast<RowId>(networks.size());
  }
  if (next <= rows.last) {
    hits.unknown.push_back({next, rows.last});
  }
  return hits;
}

}  // namespace sockwitness::query
