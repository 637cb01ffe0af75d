// The register of services over a period: places, owners, intervals, and every change.
//
// In:    the services of every run of snapshots that show the same, in order, without holes.
// Out:   one entry per service with its spans; changes with the snapshots around them.
// Never: ends a service that a gap covers, or splits one because its processes were restarted.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "query/analysis/history/intervals.h"
#include "query/analysis/owners.h"
#include "query/analysis/service_changes.h"

namespace sockwitness::query {

// What a service is over restarts and reboots. Addresses are not in it: a program that answers on
// IPv4 and IPv6 is one service.
struct ServiceKey {
  std::string netns;
  schema::Protocol protocol = schema::Protocol::Tcp;
  schema::Port port;  // 0 for an RPC program, whose port is chosen anew at every start
  std::string name;   // vsock, unix
  std::vector<std::uint32_t> rpc;
  OwnerKey owner;  // of the one that stands for all; empty for the kernel's own

  friend auto operator<=>(const ServiceKey&, const ServiceKey&) = default;
};

// One address of a service.
struct RegisterPlace {
  schema::Endpoint endpoint;
  std::optional<bool> v6only;

  friend bool operator==(const RegisterPlace&, const RegisterPlace&) = default;
};

struct RegisterEntry {
  ServiceKey key;
  schema::Service service;                 // as it was seen last
  std::vector<RegisterPlace> places;       // of the whole period
  std::vector<RegisterPlace> last_places;  // where it was seen last
  std::vector<Interval> spans;
  bool at_begin = false;        // in the first snapshot of the period
  bool at_end = false;          // in the last one
  bool owner_unseen = false;    // some snapshots could not see its owners
  std::uint32_t snapshots = 0;  // that show it
  std::uint32_t restarts = 0;
};

struct RegisterChange {
  Change change;
  schema::Seq before;  // the last snapshot that saw the state before it
  schema::Seq after;   // the first one of the state after it
  std::size_t entry = 0;
};

struct Register {
  std::vector<RegisterEntry> entries;   // by protocol, port, name, namespace, owner
  std::vector<RegisterChange> changes;  // in order; restarts are counted with their entries only
  std::vector<UncomparedStates> blind;
};

class RegisterBuilder {
 public:
  // The set's services include those that may be clients' ports: they are compared, not listed.
  void add(schema::SeqRange snapshots, schema::ServiceSet set);
  [[nodiscard]] Register finish();

 private:
  struct Row {
    RegisterEntry entry;
    std::vector<Observation>
        observations;         // ascending; those in which it was not seen are left out
    bool identified = false;  // some snapshot shows its owners
    std::size_t places = 0;   // where it is, or may still be
    std::size_t earlier = 0;  // observations from before it was gone for the last time
  };

  // Another row is at a place than before.
  struct Turnover {
    schema::Service before;
    schema::Service after;
    schema::Seq last;
  };

  [[nodiscard]] static bool may_stay(const Row& row,
                                     const schema::Service& service,
                                     const schema::ServiceSet& set);
  [[nodiscard]] bool came_into_sight(const Row& row, const schema::Service& service) const;
  [[nodiscard]] std::size_t row_of(const schema::Service& service, const schema::ServiceSet& set);
  void add_turnovers(StateChanges& step);
  static void add_departures(StateChanges& step);
  void put_at(const schema::Endpoint& endpoint, std::size_t row);
  void take_away(const schema::Endpoint& endpoint);
  void take_over(std::size_t from, std::size_t to);
  void see(std::size_t row, schema::SeqRange snapshots, std::vector<Place> places);
  void take_change(DatedChange dated, schema::Seq after, schema::WallTime now);
  void tell_return(std::size_t row, Change& change, schema::WallTime now) const;
  void finish_row(Row& row) const;

  ServiceChanges states_;
  std::map<ServiceKey, std::size_t> keys_;
  std::map<schema::Endpoint, std::size_t> owners_of_;  // the row that is there
  std::vector<Row> rows_;
  std::vector<Turnover> turnovers_;  // of the snapshots that are being added
  std::optional<schema::SeqRange> all_;
  std::vector<RegisterChange> changes_;
  std::vector<UncomparedStates> blind_;
  std::vector<schema::WallTime> times_;  // of the later snapshots, parallel to the changes
  schema::WallTime begin_;               // of the period
};

}  // namespace sockwitness::query
