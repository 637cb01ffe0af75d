#include "query/read/recurrence_reader.h"

#include <algorithm>
#include <map>
#include <set>

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/analysis/history/when.h"
#include "query/read/history_database.h"
#include "query/read/listening_rows.h"
#include "query/read/observations.h"
#include "schema/disk/codec.h"
#include "schema/disk/database.h"
#include "schema/disk/living.h"
#include "schema/disk/range_cursor.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"
#include "schema/view/replaced_ports.h"
#include "schema/view/services.h"

namespace sockwitness::query {
namespace {

using schema::Endpoint;
using schema::RowId;
using schema::Seq;
using schema::SeqRange;

// One version of a socket that listened, and the snapshots that saw it.
struct Listening {
  RowId origin = 0;
  SeqRange seen;
};

struct End {
  schema::Protocol protocol;
  schema::IpAddress address;
  schema::Port port;

  friend auto operator<=>(const End&, const End&) = default;
};

using ByEnd = std::map<End, std::vector<Listening>>;

struct Rows {
  std::vector<RowId> ids;      // ascending
  std::vector<RowId> origins;  // parallel to them
};

// Of all namespaces: which one it was is read of the few candidates.
ByEnd read_ends(schema::Database& database, const Rows& rows, Seq until) {
  const auto seen_in = schema::read_seen_ranges(database, schema::Entity::Socket, rows.ids, until);
  schema::Texts texts(database);
  ByEnd by_end;
  std::size_t at = 0;
  SQLite::Statement read(database.sqlite(), std::string(schema::sql::kReadSocket));
  schema::visit_rows(read, rows.ids, [&](SQLite::Statement& statement) {
    const schema::Socket socket = schema::decode_socket(statement, texts).socket;
    by_end[{socket.protocol, socket.local_address, socket.local_port}].push_back(
        {rows.origins[at], seen_in[at]});
    ++at;
  });
  return by_end;
}

std::size_t count_sockets(const std::vector<Listening>& listenings, SeqRange range) {
  std::set<RowId> origins;
  for (const Listening& listening : listenings) {
    if (listening.seen.overlaps(range)) {
      origins.insert(listening.origin);
    }
  }
  return origins.size();
}

class RecurrenceScan {
 public:
  RecurrenceScan(History& history, const RecurrenceRequest& request)
      : history_(history), request_(request), latest_(*history.last()) {
    const auto later = history.info(request.later);
    const schema::WallTime day_before{later.begin.wall.microseconds - kFlappingUs};
    window_ = {history.latest_before(request.later, day_before).value_or(*history.first()),
               request.later};
    window_.first = std::min(window_.first, window_.last);
    since_ = history.info(window_.first).begin.wall;
    const bool any_new = std::any_of(request.candidates.begin(),
                                     request.candidates.end(),
                                     [](const auto& candidate) { return candidate.is_new; });
    listening_.emplace(HistoryDatabase::of(history),
                       RowRange{any_new ? 1 : last_row(window_.first) + 1,
                                last_row(std::max(request.earlier, request.later))});
  }

  std::vector<Recurrence> read() {
    const ByEnd earlier = read_ends_of(
        Seq(0), request_.earlier, [](const auto& candidate) { return candidate.is_new; });
    const ByEnd of_late =
        read_ends_of(window_.first, request_.later, [](const auto&) { return true; });
    std::vector<Recurrence> recurrences;
    for (const RecurrenceCandidate& candidate : request_.candidates) {
      const Endpoint& endpoint = candidate.endpoint;
      const End end{endpoint.protocol, endpoint.address, endpoint.port};
      Recurrence recurrence{.endpoint = endpoint,
                            .earlier = {},
                            .came = 0,
                            .went = 0,
                            .since = since_,
                            .only = std::nullopt};
      if (const auto found = earlier.find(end); candidate.is_new && found != earlier.end()) {
        read_earlier(found->second, recurrence);
      }
      if (const auto found = of_late.find(end);
          found != of_late.end() && count_sockets(found->second, window_) > 1) {
        count_swings(plain_spans(read_spans(endpoint, window_)),
                     schema::find_service(request_.now, endpoint) != nullptr,
                     recurrence);
      }
      recurrences.push_back(std::move(recurrence));
    }
    read_between(recurrences);
    std::sort(recurrences.begin(),
              recurrences.end(),
              [](const Recurrence& left, const Recurrence& right) {
                return left.endpoint < right.endpoint;
              });
    return recurrences;
  }

 private:
  template <class Wanted>
  ByEnd read_ends_of(Seq after, Seq until, Wanted wanted) {
    std::set<schema::Port> distinct;
    for (const RecurrenceCandidate& candidate : request_.candidates) {
      if (wanted(candidate)) {
        distinct.insert(candidate.endpoint.port);
      }
    }
    std::vector<schema::PortRange> ports;
    for (const schema::Port port : distinct) {
      ports.push_back({port, port});
    }
    return read_ends(HistoryDatabase::of(history_), find_rows(ports, after, until), until);
  }

  // Rows that began after one snapshot, and not after another.
  Rows find_rows(const std::vector<schema::PortRange>& ports, Seq after, Seq until) {
    Rows rows;
    for (const ListeningRow& row :
         listening_->find(ports, {last_row(after) + 1, last_row(until)})) {
      rows.ids.push_back(row.id);
      rows.origins.push_back(row.origin);
    }
    return rows;
  }

  RowId last_row(Seq seq) {
    return schema::read_last_id(HistoryDatabase::of(history_), schema::Entity::Socket, seq);
  }

  // What neither side shows, because it was gone again. The ports that the kernel chose for clients
  // come and go by nature.
  void read_between(std::vector<Recurrence>& recurrences) {
    constexpr std::size_t kSeveral = 3;
    const SeqRange between{std::max(window_.first, request_.earlier), window_.last};
    const Rows rows =
        find_rows({{schema::Port(0), schema::Port(0xffff)}}, between.first, between.last);
    if (rows.ids.size() < kSeveral) {
      return;
    }
    for (const auto& [end, listenings] :
         read_ends(HistoryDatabase::of(history_), rows, between.last)) {
      if (count_sockets(listenings, between) < kSeveral || is_chosen(end)) {
        continue;
      }
      for (Recurrence& recurrence : find_restless(end, between)) {
        const bool known =
            std::any_of(recurrences.begin(), recurrences.end(), [&](const Recurrence& other) {
              return other.endpoint == recurrence.endpoint;
            });
        if (!known) {
          recurrences.push_back(std::move(recurrence));
        }
      }
    }
  }

  // In each namespace that has it.
  std::vector<Recurrence> find_restless(const End& end, SeqRange between) {
    Endpoint anywhere;
    anywhere.netns = "*";
    anywhere.protocol = end.protocol;
    anywhere.family = end.address.is_v6() ? schema::Family::Ipv6 : schema::Family::Ipv4;
    anywhere.address = end.address;
    anywhere.port = end.port;
    std::set<Endpoint> endpoints;
    for (const WhenInterval& span : read_spans(anywhere, between)) {
      for (const EndpointInterval& place : span.endpoints) {
        endpoints.insert(place.endpoint);
      }
    }
    std::vector<Recurrence> found;
    for (const Endpoint& endpoint : endpoints) {
      const auto spans = read_spans(endpoint, between);
      if (spans.empty() || !spans.back().span.not_after ||
          schema::find_service(request_.now, endpoint) != nullptr) {
        continue;
      }
      Recurrence recurrence{.endpoint = endpoint,
                            .earlier = {},
                            .came = 0,
                            .went = 0,
                            .since = since_,
                            .only = schema::Service()};
      recurrence.only->endpoint = endpoint;
      for (const OwnerInterval& owner : spans.back().owners) {
        recurrence.only->owners.push_back(owner.owner);
      }
      recurrence.only->no_holder = spans.back().no_holder;
      count_swings(plain_spans(spans), false, recurrence);
      found.push_back(std::move(recurrence));
    }
    return found;
  }

  [[nodiscard]] bool is_chosen(const End& end) const {
    schema::Service service;
    service.endpoint.protocol = end.protocol;
    service.endpoint.port = end.port;
    return schema::has_chosen_port(service, request_.now);
  }

  static std::vector<Interval> plain_spans(const std::vector<WhenInterval>& spans) {
    std::vector<Interval> plain;
    for (const WhenInterval& span : spans) {
      plain.push_back(span.span);
    }
    return plain;
  }

  // From the newest on: another namespace may have the same address and port.
  void read_earlier(const std::vector<Listening>& listenings, Recurrence& recurrence) {
    constexpr std::size_t kMost = 8;
    std::set<Seq> lasts;
    for (const Listening& listening : listenings) {
      if (listening.seen.last < request_.earlier) {
        lasts.insert(listening.seen.last);
      }
    }
    std::size_t looked = 0;
    for (auto last = lasts.rbegin(); last != lasts.rend() && looked < kMost; ++last, ++looked) {
      const auto spans = read_spans(recurrence.endpoint, {*last, *last});
      if (!spans.empty()) {
        EarlierService service{*last, history_.info(*last).begin.wall, {}};
        for (const OwnerInterval& owner : spans.back().owners) {
          service.owners.push_back(owner.owner);
        }
        recurrence.earlier.push_back(std::move(service));
      }
    }
  }

  std::vector<WhenInterval> read_spans(const Endpoint& endpoint, SeqRange range) {
    Filter filter;
    filter.breadth = Breadth::Listening;
    filter.family = endpoint.family;
    filter.namespaces = {endpoint.netns};
    filter.endpoints = {schema::InetPattern{
        endpoint.protocol,
        schema::IpPrefix{endpoint.address, endpoint.address.is_v6() ? 128U : 32U},
        {schema::PortRange{endpoint.port, endpoint.port}}}};
    const Moments moments = moments_of(history_.snapshots(range.first, range.last));
    const OnProgress on_progress = no_progress();
    ObservationReader reader(history_, moments, range, latest_, on_progress);
    WhenBuilder builder;
    reader.visit_sockets(filter, [&](Observation observation, const ObservedThings& things) {
      builder.add(std::move(observation), things);
    });
    return builder.finish();
  }

  History& history_;
  const RecurrenceRequest& request_;
  Seq latest_;
  schema::WallTime since_;
  SeqRange window_;
  std::optional<ListeningRows> listening_;
};

}  // namespace

std::vector<Recurrence> read_recurrences(History& history, const RecurrenceRequest& request) {
  std::vector<Recurrence> recurrences;
  history.read([&] { recurrences = RecurrenceScan(history, request).read(); });
  return recurrences;
}

}  // namespace sockwitness::query
