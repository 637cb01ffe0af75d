// The working state of one pass: what has been read so far, and the steps that add to it.
//
// In:    the sources of one Collector.
// Out:   the Snapshot, taken once at the end.
// Never: outlives its pass.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "recorder/collect/collector.h"
#include "recorder/collect/holders.h"
#include "recorder/collect/recollection.h"

namespace sockwitness::recorder {

class Pass {
 public:
  Pass(Sources sources, Walker& walker, std::string note);

  void begin();
  void read_host();
  // Namespaces known from processes, names and mounts, and their sockets.
  void read_sockets();
  // After read_host(): facts of another boot are not used.
  void remember(const Earlier& earlier);
  void read_processes(std::shared_ptr<ProcessSource> processes);
  // Namespaces that only a descriptor keeps alive, and sockets that are in no table.
  void follow_descriptors();
  // Holders, and a second look at sockets that seem to have none.
  void join();
  void finish();

  [[nodiscard]] const schema::Context& context() const { return snapshot_.context; }
  schema::Snapshot take() { return std::move(snapshot_); }

 private:
  // What leads to a namespace: a descriptor of a process, or a thread.
  struct NetnsLead {
    schema::Pid pid;
    std::optional<schema::Fd> fd;
    schema::Inode inode;
  };

  // What is read first.
  struct FirstTables {
    SocketReading own_sockets;
    NetnsReading namespaces;
  };

  schema::NetnsIndex add_namespace(NetnsHandle handle);
  void read_namespace_sockets(schema::NetnsIndex netns);
  void add_sockets(SocketReading reading, schema::NetnsIndex netns);
  // Who is said to be gone.
  std::vector<schema::Pid> walk(const std::vector<schema::Pid>& pids);
  void look_for_gone(std::vector<schema::Pid> gone);
  void weigh(const schema::Gap& gap);
  void weigh_descriptors(const std::vector<schema::Gap>& gaps);
  void look_for_unlisted();
  void add_process(ProcessReading reading);
  void add_known_facts(schema::Process& process, schema::ProcessIndex index);
  schema::ProgramIndex add_program(schema::Program program);
  void add_gaps(std::vector<schema::Gap> gaps, std::optional<schema::NetnsIndex> netns);
  std::optional<schema::NetnsIndex> find_namespace(schema::Inode inode) const;
  void follow_namespace(const NetnsLead& lead);
  void describe_unknown_socket(const SocketDescriptor& descriptor,
                               std::map<int, std::uint32_t>& unread);
  void keep_cookies();
  void rejoin();
  SocketsByInode& index_sockets();
  void look_again_for_holders();
  void recheck_unheld_sockets();
  [[nodiscard]] std::vector<schema::SocketIndex> doubtful_sockets() const;
  void check_rpcbind();
  void place_processes();
  void name_containers();
  [[nodiscard]] bool may_mislabel(schema::NetnsIndex netns) const;
  [[nodiscard]] bool may_misname(schema::NetnsIndex netns) const;
  void label();  // the namespaces
  void name_targets();
  void name();  // users and groups

  Sources sources_;
  Walker& walker_;
  std::optional<NetnsHandle> own_;  // the recorder's namespace
  FirstTables tables_;
  std::shared_ptr<ProcessSource> processes_;
  Earlier earlier_;
  schema::Snapshot snapshot_;
  std::vector<NetnsHandle> handles_;  // parallel to snapshot_.namespaces
  std::map<schema::IpAddress, std::set<schema::NetnsIndex>> addresses_;  // whose they are
  std::unordered_map<schema::Inode, schema::NetnsIndex> netns_by_inode_;
  std::map<schema::Program, schema::ProgramIndex, schema::ByInode> programs_;
  std::vector<SocketDescriptor> socket_descriptors_;
  std::optional<SocketsByInode> by_inode_;  // as far as it was made
  std::vector<NetnsLead> netns_leads_;
  std::set<std::string> unread_containers_;  // whose names could not be read
  std::vector<schema::Inode> homes_;         // network namespaces, parallel to snapshot_.processes
  std::unordered_set<schema::Pid> walked_;
  Recollection recollection_;  // of nothing when the previous snapshot was of another boot
  HolderEvidence evidence_;
};

}  // namespace sockwitness::recorder
