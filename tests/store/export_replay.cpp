#include "tests/store/export_replay.h"

#include <sstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace sockwitness::test {
namespace {

using Json = nlohmann::json;
using namespace schema;

std::string decode_base64(const std::string& text) {
  static const std::string digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  int held = 0;
  for (const char character : text) {
    if (character == '=') {
      break;
    }
    bits = (bits << 6U) | static_cast<unsigned>(digits.find(character));
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes += static_cast<char>((bits >> static_cast<unsigned>(held)) & 0xffU);
    }
  }
  return bytes;
}

std::string from_hex(const Json& value) {
  std::string bytes;
  if (!value.is_null()) {
    const auto text = value.get<std::string>();
    for (std::size_t at = 0; at < text.size(); at += 2) {
      bytes += static_cast<char>(std::stoi(text.substr(at, 2), nullptr, 16));
    }
  }
  return bytes;
}

std::string text(const Json& row, const std::string& key) {
  return row.contains(key + "_b64") ? decode_base64(row.at(key + "_b64").get<std::string>())
                                    : row.at(key).get<std::string>();
}

std::optional<std::string> maybe_text(const Json& row, const std::string& key) {
  return row.at(key).is_null() ? std::nullopt : std::optional(text(row, key));
}

template <class Id>
Id id(const Json& row, const char* key) {
  return Id(row.at(key).get<typename Id::Representation>());
}

template <class Id>
std::optional<Id> maybe_id(const Json& row, const char* key) {
  return row.at(key).is_null() ? std::nullopt : std::optional(id<Id>(row, key));
}

template <class T>
std::optional<T> maybe(const Json& row, const char* key) {
  return row.at(key).is_null() ? std::nullopt : std::optional(row.at(key).get<T>());
}

// The enumerator whose word it is.
template <class Enum, class Word>
Enum enumerator(const Json& word, Word word_of) {
  // None is 0; the word of a value that does not exist is "unknown", as that of one that does.
  for (int value = 1; value < 64; ++value) {
    if (word_of(static_cast<Enum>(value)) == word.get<std::string>()) {
      return static_cast<Enum>(value);
    }
  }
  throw std::runtime_error("no enumerator is called " + word.dump());
}

WallTime time_of(const Json& value) {
  return parse_rfc3339(value.get<std::string>()).value();
}

ClockReading clock_of(const Json& value) {
  return {time_of(value.at("wall")),
          BootTime{value.at("since_boot_ns").get<std::int64_t>()},
          value.at("awake_ns").get<std::int64_t>()};
}

// Tables by type, rows by id; programs and contexts stay for good.
using Tables = std::map<std::string, std::map<std::int64_t, Json>>;

class Assembler {
 public:
  Assembler(const Tables& tables, const Json& context, const Json& row) : tables_(tables) {
    snapshot_.seq = id<Seq>(row, "seq");
    snapshot_.begin = clock_of(row.at("begin"));
    snapshot_.end = clock_of(row.at("end"));
    if (!row.at("clock_synchronized").is_null()) {
      snapshot_.clock_sync = ClockSync{row.at("clock_synchronized").get<bool>(),
                                       row.at("clock_max_error_us").get<std::int64_t>(),
                                       row.at("clock_estimated_error_us").get<std::int64_t>()};
    }
    snapshot_.cost = {row.at("cost_wall_us").get<std::int64_t>(),
                      row.at("cost_cpu_us").get<std::int64_t>(),
                      row.at("cost_peak_kib").get<std::int64_t>()};
    snapshot_.deep_seq = maybe_id<Seq>(row, "deep_seq");
    snapshot_.note = text(row, "note");
    snapshot_.context = {text(context, "boot_id"),
                         text(context, "host_name"),
                         text(context, "machine_id"),
                         text(context, "kernel"),
                         text(context, "recorder_version"),
                         id<Port>(context, "ephemeral_first"),
                         id<Port>(context, "ephemeral_last"),
                         id<Uid>(context, "recorder_uid"),
                         context.at("recorder_capabilities").get<std::uint64_t>(),
                         context.at("package_database_mtime_ns").get<std::int64_t>(),
                         id<Port>(context, "unprivileged_first"),
                         text(context, "preload_file"),
                         maybe<std::int64_t>(context, "every_us")};
  }

  Snapshot assemble(const std::map<std::int64_t, Json>& samples) {
    add_namespaces();
    add_processes();
    add_sockets(samples);
    add_relations();
    add_names();
    sort_canonically(snapshot_);
    return std::move(snapshot_);
  }

 private:
  const std::map<std::int64_t, Json>& table(const char* type) const {
    static const std::map<std::int64_t, Json> none;
    const auto found = tables_.find(type);
    return found == tables_.end() ? none : found->second;
  }
  static std::int64_t origin(const Json& row) {
    return row.at("origin").is_null() ? row.at("id").get<std::int64_t>()
                                      : row.at("origin").get<std::int64_t>();
  }
  template <class Index, class T>
  static Index next(const std::vector<T>& values) {
    return Index(static_cast<std::uint32_t>(values.size()));
  }

  std::optional<NetnsIndex> netns(const Json& row) const {
    const auto origin_id = maybe<std::int64_t>(row, "netns");
    return origin_id ? std::optional(netns_.at(*origin_id)) : std::nullopt;
  }

  std::optional<ProgramIndex> program(const Json& row, const char* key) {
    const auto number = maybe<std::int64_t>(row, key);
    if (!number) {
      return std::nullopt;
    }
    const auto [entry, is_new] =
        programs_.try_emplace(*number, next<ProgramIndex>(snapshot_.programs));
    if (is_new) {
      const Json& file = table("program").at(*number);
      snapshot_.programs.push_back({text(file, "path"),
                                    id<Device>(file, "device"),
                                    id<Inode>(file, "inode"),
                                    file.at("size").get<std::uint64_t>(),
                                    file.at("mtime_ns").get<std::int64_t>(),
                                    file.at("ctime_ns").get<std::int64_t>(),
                                    enumerator<FileState>(file.at("state"), file_state_word),
                                    from_hex(file.at("sha256")),
                                    enumerator<PackageVerdict>(file.at("verdict"), verdict_word),
                                    text(file, "package"),
                                    text(file, "package_version")});
    }
    return entry->second;
  }

  void add_namespaces() {
    for (const auto& [number, row] : table("netns")) {
      netns_.emplace(origin(row), next<NetnsIndex>(snapshot_.namespaces));
      snapshot_.namespaces.push_back({id<Inode>(row, "inode"), text(row, "label")});
    }
  }

  void add_processes() {
    for (const auto& [number, row] : table("process")) {
      processes_.emplace(origin(row), next<ProcessIndex>(snapshot_.processes));
      Process process;
      process.pid = id<Pid>(row, "pid");
      process.start = BootTime{row.at("start_ns").get<std::int64_t>()};
      process.parent = maybe_id<Pid>(row, "parent");
      process.name = text(row, "name");
      process.program = program(row, "program");
      process.script = text(row, "script");
      process.script_file = program(row, "script_file");
      if (row.contains("container_engine")) {
        process.container_facts = {
            enumerator<ContainerEngine>(row.at("container_engine"), container_engine_word),
            text(row, "container_name"),
            text(row, "container_image"),
            text(row, "compose_project"),
            text(row, "compose_service"),
            text(row, "pod"),
            text(row, "pod_namespace"),
            text(row, "pod_container")};
      }
      process.command_line = maybe_text(row, "command_line");
      if (row.contains("command_line_length")) {
        process.long_line = LongText{row.at("command_line_length").get<std::uint64_t>(),
                                     from_hex(row.at("command_line_sha256")),
                                     maybe<std::uint64_t>(row, "command_line_head")};
      }
      process.exec_mark = row.at("exec_mark").get<std::uint32_t>();
      process.title = text(row, "title");
      process.working_directory = maybe_text(row, "working_directory");
      process.real_uid = id<Uid>(row, "real_uid");
      process.effective_uid = id<Uid>(row, "effective_uid");
      process.real_gid = id<Gid>(row, "real_gid");
      process.effective_gid = id<Gid>(row, "effective_gid");
      process.login_uid = maybe_id<Uid>(row, "login_uid");
      process.tty = row.at("tty").get<std::uint32_t>();
      process.process_group = id<Pid>(row, "process_group");
      process.session = id<Pid>(row, "session");
      process.cgroup = text(row, "cgroup");
      process.unit = text(row, "unit");
      process.container = text(row, "container");
      process.capabilities = row.at("capabilities").get<std::uint64_t>();
      process.tracer = maybe_id<Pid>(row, "tracer");
      process.preload = text(row, "preload");
      process.kernel_thread = row.at("kernel_thread").get<bool>();
      process.zombie = row.at("zombie").get<bool>();
      process.recorder = row.at("recorder").get<bool>();
      process.covered = row.at("covered").get<bool>();
      process.unlisted = row.at("unlisted").get<bool>();
      process.masked = row.at("masked").get<bool>();
      process.unread = schema::Parts::of_bits(row.at("unread").get<std::int64_t>());
      process.netns = netns(row);
      process.mount_namespace = id<Inode>(row, "mount_namespace");
      process.pid_namespace = id<Inode>(row, "pid_namespace");
      process.user_namespace = id<Inode>(row, "user_namespace");
      snapshot_.processes.push_back(std::move(process));
    }
  }

  static IpAddress address(const Json& row, const char* key) {
    return row.at(key).is_null() ? IpAddress()
                                 : IpAddress::parse(row.at(key).get<std::string>()).value();
  }

  void add_sockets(const std::map<std::int64_t, Json>& samples) {
    for (const auto& [number, row] : table("socket")) {
      sockets_.emplace(origin(row), next<SocketIndex>(snapshot_.sockets));
      Socket socket;
      socket.netns = *netns(row);
      socket.protocol = enumerator<Protocol>(row.at("protocol"), protocol_name);
      socket.family = enumerator<Family>(row.at("family"), family_name);
      socket.type = static_cast<SocketType>(row.at("socket_type").get<int>());
      socket.state = enumerator<SocketState>(row.at("state"), state_name);
      socket.local_address = address(row, "local_address");
      socket.local_port = id<Port>(row, "local_port");
      socket.remote_address = address(row, "remote_address");
      socket.remote_port = id<Port>(row, "remote_port");
      socket.cookie = id<SocketCookie>(row, "cookie");
      socket.inode = id<Inode>(row, "inode");
      socket.uid = maybe_id<Uid>(row, "uid");
      socket.backlog = row.at("backlog").get<std::uint32_t>();
      socket.no_holder = row.at("no_holder").is_null()
                             ? NoHolderReason::None
                             : enumerator<NoHolderReason>(row.at("no_holder"), no_holder_word);
      socket.name = text(row, "name");
      socket.remote_name = text(row, "remote_name");
      socket.peer = id<Inode>(row, "peer");
      socket.number = row.at("number").get<std::uint32_t>();
      socket.port_id = row.at("port_id").get<std::uint32_t>();
      socket.interface = id<InterfaceIndex>(row, "interface");
      socket.interface_name = text(row, "interface_name");
      socket.v6only = maybe<bool>(row, "v6only");
      socket.filter_length = maybe<std::uint32_t>(row, "filter_length");
      socket.filter_sha256 = from_hex(row.at("filter_sha256"));
      socket.promiscuous = maybe<bool>(row, "promiscuous");
      if (schema::is_forward(socket)) {
        socket.local_last = id<Port>(row, "local_last_port");
        socket.remote_last = id<Port>(row, "remote_last_port");
        socket.rule = text(row, "rule");
        socket.target = text(row, "target");
      }
      if (const auto sample = samples.find(number); sample != samples.end()) {
        socket.queues = {sample->second.at("recv_q").get<std::uint32_t>(),
                         sample->second.at("send_q").get<std::uint32_t>()};
      }
      snapshot_.sockets.push_back(std::move(socket));
    }
  }

  void add_relations() {
    const auto process = [&](const Json& row) {
      return processes_.at(row.at("process").get<std::int64_t>());
    };
    for (const auto& [number, row] : table("holder")) {
      snapshot_.holders.push_back(
          {sockets_.at(row.at("socket").get<std::int64_t>()), process(row), id<Fd>(row, "fd")});
    }
    for (const auto& [number, row] : table("descriptor")) {
      snapshot_.descriptors.push_back(
          {process(row),
           id<Fd>(row, "fd"),
           enumerator<DescriptorKind>(row.at("kind"), descriptor_kind_word),
           id<Device>(row, "device"),
           id<Inode>(row, "inode"),
           row.at("number").get<std::uint32_t>(),
           text(row, "target")});
    }
    for (const auto& [number, row] : table("mapping")) {
      snapshot_.mappings.push_back({process(row), *program(row, "program")});
    }
    for (const auto& [number, row] : table("gap")) {
      snapshot_.gaps.push_back({enumerator<GapSource>(row.at("source"), gap_source_word),
                                enumerator<GapReason>(row.at("reason"), gap_reason_word),
                                netns(row),
                                maybe_id<Pid>(row, "pid"),
                                GapObject::of_text(text(row, "object")),
                                row.at("error_number").get<int>(),
                                row.at("count").get<std::uint32_t>()});
    }
  }

  void add_names() {
    for (const auto& [number, row] : table("user")) {
      snapshot_.users.push_back({id<Uid>(row, "uid"), text(row, "name")});
    }
    for (const auto& [number, row] : table("group")) {
      snapshot_.groups.push_back({id<Gid>(row, "gid"), text(row, "name")});
    }
    for (const auto& [number, row] : table("registration")) {
      snapshot_.registrations.push_back({row.at("program").get<std::uint32_t>(),
                                         row.at("version").get<std::uint32_t>(),
                                         text(row, "transport"),
                                         text(row, "address"),
                                         text(row, "owner")});
    }
  }

  const Tables& tables_;
  Snapshot snapshot_;
  std::map<std::int64_t, NetnsIndex> netns_;
  std::map<std::int64_t, ProcessIndex> processes_;
  std::map<std::int64_t, SocketIndex> sockets_;
  std::map<std::int64_t, ProgramIndex> programs_;
};

}  // namespace

ReplayedExport replay_export(const std::string& lines) {
  ReplayedExport replayed;
  Tables tables;
  Json context;
  Json snapshot;
  std::map<std::int64_t, Json> samples;  // of this snapshot, by socket
  const auto close = [&] {
    if (!snapshot.is_null()) {
      replayed.snapshots.emplace(snapshot.at("seq").get<std::int64_t>(),
                                 Assembler(tables, context, snapshot).assemble(samples));
    }
    samples.clear();
  };
  std::istringstream input(lines);
  for (std::string line; std::getline(input, line); ++replayed.lines) {
    const Json row = Json::parse(line);
    const auto type = row.at("type").get<std::string>();
    // A context belongs to the snapshot that follows.
    if (type == "context") {
      close();
      snapshot = nullptr;
      context = row;
    } else if (type == "snapshot") {
      close();
      snapshot = row;
    } else if (type == "ended") {
      for (const Json& number : row.at("ids")) {
        tables[row.at("entity").get<std::string>()].erase(number.get<std::int64_t>());
      }
    } else if (type == "sample") {
      samples.emplace(row.at("socket").get<std::int64_t>(), row);
    } else if (type == "end") {
      replayed.whole = row.at("lines").get<std::size_t>() == replayed.lines;
    } else if (row.contains("seq")) {
      tables[type].emplace(row.at("id").get<std::int64_t>(), row);
    }
  }
  close();
  return replayed;
}

}  // namespace sockwitness::test
