// Services as a snapshot shows them, and what changed from one state to the next.
//
// In:    built by the readers of a history and by ServiceChanges.
// Out:   plain values; a service that did not change is the same object in the next state.
// Never: sockets.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/analysis/diff.h"
#include "query/analysis/owner_observations.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

struct SeenService {
  SharedService service;
  bool meant = true;  // the question is about it

  friend bool operator==(const SeenService&, const SeenService&) = default;
};

// Snapshots in a row that show the same.
struct ServiceState {
  schema::SeqRange snapshots;
  schema::SharedVisibility visibility;  // not null
  schema::WallTime as_of;
  schema::Port ephemeral_first{32768};
  schema::Port ephemeral_last{60999};
  std::vector<SeenService> services;  // by endpoint, ascending, each once
};

struct DatedChange {
  Change change;
  schema::Seq before;  // the last snapshot that shows the state before it
  // The question is about the service of that state, or of the state after it.
  bool before_meant = true;
  bool after_meant = true;
};

// What two neighbouring states could not be compared in.
struct UncomparedStates {
  schema::Seq before;
  schema::Seq after;
  std::optional<schema::Gap> gap;  // its netns is not set
  std::string netns;
  bool owners_only = false;
  std::vector<schema::Endpoint> endpoints;
};

// A service where none was known to be.
struct Arrival {
  schema::Endpoint endpoint;
  // The last snapshot that could see the place; nothing: none could, or it is the first state.
  std::optional<schema::Seq> not_before;
};

// The place could be seen, and is empty.
struct Departure {
  schema::Endpoint endpoint;
  schema::Seq last;
  SharedService service;  // with the last owners that were seen
  bool meant = true;
  bool certain = true;  // its namespace had a name: it is not at another place under another one
};

// A service where one was, and not all of it is the same.
struct Alteration {
  schema::Endpoint endpoint;
  SharedService before;  // with the last owners that were seen
  SharedService after;   // with its own
  bool before_meant = true;
  schema::Seq last;  // the last snapshot that shows something there
};

struct EndpointRename {
  schema::Endpoint from;
  schema::Endpoint to;
};

struct StateChanges {
  std::vector<DatedChange> changes;
  std::vector<UncomparedStates> blind;
  std::vector<Alteration> altered;
  std::vector<Arrival> came;
  std::vector<Departure> gone;
  // Known services by their new names, in an order in which each name is free.
  std::vector<EndpointRename> renamed;
  std::vector<EndpointRename> completed;  // of the state: with the interface that is known
};

}  // namespace sockwitness::query
