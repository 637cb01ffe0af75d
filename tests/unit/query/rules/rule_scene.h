// Hosts for the rules, put together by hand: processes with parents, programs and descriptors.
//
// In:    what a test wants to exist. Unless it says otherwise a program is a package's own and
//        unaltered, a process is root's, without terminal, unit or login, and a minute old.
// Out:   a snapshot, and what one built-in rule says about it.
// Never: reads this machine.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "query/analysis/findings/match.h"
#include "query/rules/stage.h"
#include "tests/unit/query/scene.h"

namespace sockwitness::test {

class RuleScene : public Scene {
 public:
  // Pid 1 is systemd; the ephemeral range is 32768 to 60999.
  RuleScene();

  // A genuine program; the arguments begin with its own name. Without any they are the path.
  schema::ProcessIndex run(std::string_view path,
                           std::initializer_list<std::string_view> arguments = {});
  schema::ProcessIndex run(schema::ProcessIndex parent,
                           std::string_view path,
                           std::initializer_list<std::string_view> arguments = {});
  // Of no package, in its place.
  schema::ProcessIndex run_unowned(std::string_view path,
                                   std::initializer_list<std::string_view> arguments = {});

  // A script that is there; of a package, or of none.
  void give_script(schema::ProcessIndex process, std::string_view path, bool packaged = false);
  void give_unit(schema::ProcessIndex process, std::string unit);
  void give_user(schema::ProcessIndex process, unsigned uid);
  // A row of mappings: code of that file runs in the process.
  schema::Program& map(schema::ProcessIndex process, std::string_view path);

  schema::SocketIndex listen(schema::ProcessIndex process,
                             int fd,
                             std::string_view end,
                             schema::Protocol protocol = schema::Protocol::Tcp);
  schema::SocketIndex connect(schema::ProcessIndex process,
                              int fd,
                              std::string_view end,
                              std::string_view peer,
                              schema::Protocol protocol = schema::Protocol::Tcp);
  schema::SocketIndex capture(schema::ProcessIndex process,
                              int fd,
                              schema::Protocol protocol,
                              unsigned number);
  // The first end's process and the second end's.
  void socket_pair(schema::ProcessIndex one, int fd, schema::ProcessIndex other, int other_fd);
  void pipe(schema::ProcessIndex process, int fd, unsigned inode);
  void fifo(schema::ProcessIndex process, int fd, std::string path);
  void terminal(schema::ProcessIndex process, unsigned number);  // as 0, 1 and 2
  void master(schema::ProcessIndex process, int fd, unsigned number);
  void descriptor(schema::ProcessIndex process,
                  int fd,
                  schema::DescriptorKind kind,
                  std::string target = {});
  void gap(schema::GapSource source, schema::GapObject object = {}, std::optional<int> pid = {});

  using Scene::at;
  [[nodiscard]] schema::Program& program(schema::ProcessIndex process);

  // What the rule says, gravest first, as "critical bash(4120), low nc(77)"; "" for nothing.
  [[nodiscard]] std::string told(std::string_view rule) const;
  // What all rules say at medium or above, as "rule: …".
  [[nodiscard]] std::string told_of_weight() const;
  // The whys of the same, separated by '|'.
  [[nodiscard]] std::string why(std::string_view rule) const;

  std::vector<schema::Seen> lifetimes;
  std::vector<schema::Program> known_programs;
  std::optional<schema::WallTime> history_began;
  const schema::ServiceSet* baseline = nullptr;

 private:
  [[nodiscard]] std::vector<query::Match> match(std::string_view rule) const;
  [[nodiscard]] std::string name_of(const query::Match& match) const;

  int next_pid_ = 100;
};

}  // namespace sockwitness::test
