// The state file of `alert`: one for each database.
//
// In:    --state, or nothing; the environment; the path of the database.
// Out:   the state, if there is one; a new one in its place, as a whole or not at all.
// Never: writes to the evidence, or follows a path that another user could have made.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "query/alert/alert_state.h"
#include "query/terminal/output_file.h"
#include "query/terminal/state_file.h"

namespace sockwitness::query {

// --state, else $XDG_STATE_HOME/sockwitness-alert/NAME-HASH.state, where the hash is of the
// database's path; without that variable below /var/lib for root and ~/.local/state for others.
[[nodiscard]] std::string find_alert_state(const std::string& option, const std::string& database);

class AlertStore {
 public:
  // Makes the folder of the usual place. One alert at a time: waits for another one, up to a
  // minute. Throws schema::Error (Unusable).
  explicit AlertStore(std::string path, std::string database);
  AlertStore(const AlertStore&) = delete;
  AlertStore& operator=(const AlertStore&) = delete;
  ~AlertStore() = default;

  // What to do where no state can be kept.
  [[nodiscard]] static std::string hint();

  // On disk, and not yet in its place.
  void prepare(const AlertState& state);
  // In its place.
  void commit();

 private:
  std::string path_;
  std::string database_;
  std::optional<StateLock> lock_;
  std::unique_ptr<OutputFile> file_;
};

struct ReadState {
  std::optional<AlertState> state;
  std::string damage;  // why there is none although there was a file; empty for none
};

[[nodiscard]] ReadState read_alert_state(const std::string& path);

}  // namespace sockwitness::query
