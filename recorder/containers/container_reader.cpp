#include "recorder/containers/container_reader.h"

#include <algorithm>

#include "recorder/containers/decode_state.h"
#include "recorder/containers/names.h"
#include "recorder/containers/state_files.h"
#include "recorder/os/error_number.h"

namespace sockwitness::recorder {
namespace {

using schema::ContainerEngine;
using schema::ContainerFacts;

bool says_something(const ContainerFacts& facts) {
  ContainerFacts nothing;
  nothing.engine = facts.engine;
  return facts != nothing;
}

schema::GapReason state_gap_reason(int error_number) {
  switch (error_number) {
    case EACCES:
    case EPERM:
      return schema::GapReason::Permission;
    case EFBIG:
      return schema::GapReason::Truncated;
    default:
      return schema::GapReason::Failed;
  }
}

// The search for one container: place after place, until one says something.
class StateSearch {
 public:
  StateSearch(int host, StateFiles& files, const ContainerQuestion& question)
      : host_(host), files_(files), question_(question) {}

  ContainerAnswer run() {
    ask_docker(data_root(), std::nullopt);
    ask_storage("/var/lib/containers/storage", std::nullopt);
    ask_bundle(
        "/run/containers/storage/overlay-containers/" + question_.id + "/userdata/config.json",
        ContainerEngine::CriO);
    for (const char* folder : {"/run/containerd", "/run/k3s/containerd"}) {
      ask_containerd(std::string(folder) + "/io.containerd.runtime.v2.task");
    }
    if (const auto user = owner(); user && !settled_) {
      ask_docker(".local/share/docker", user);
      ask_storage(".local/share/containers/storage", user);
    }
    ask_logs();
    ContainerAnswer answer;
    answer.facts = std::move(facts_);
    if (!answer.facts && error_ != 0) {
      answer.gap = schema::Gap{.source = schema::GapSource::Containers,
                               .reason = state_gap_reason(error_),
                               .netns = std::nullopt,
                               .pid = std::nullopt,
                               .object = schema::GapObject::of_text(question_.id),
                               .error_number = error_};
    }
    return answer;
  }

 private:
  // What could not be read may stand elsewhere as well; what is malformed is the end.
  void note(int error_number) {
    if (!is_absent(error_number)) {
      error_ = error_ == 0 ? error_number : error_;
      settled_ = settled_ || error_number == EBADMSG || error_number == EFBIG;
    }
  }

  void take(Result<ContainerFacts> answer) {
    if (!answer) {
      note(answer.error().number);
    } else if (says_something(answer.value())) {
      facts_ = std::move(answer.value());
      settled_ = true;
    }
  }

  // Of a file that is the container's own.
  Result<ContainerFacts> read_own(const std::string& path,
                                  const std::optional<FilesOfUser>& user,
                                  ContainerEngine engine,
                                  const StateFiles::Decode<ContainerFacts>& decode) {
    if (question_.known && question_.known->engine == engine &&
        files_.is_older(host_, path, user, question_.known_at)) {
      return *question_.known;
    }
    return files_.read<ContainerFacts>(host_, path, user, decode);
  }

  std::string data_root() {
    constexpr const char* kUsual = "/var/lib/docker";
    const auto named =
        files_.read<std::string>(host_, "/etc/docker/daemon.json", std::nullopt, decode_data_root);
    return named && named.value().starts_with('/') ? named.value() : std::string(kUsual);
  }

  [[nodiscard]] std::optional<FilesOfUser> owner() {
    const auto uid = find_cgroup_user(question_.cgroup);
    if (!uid) {
      return std::nullopt;
    }
    const auto homes =
        files_.read<Homes>(host_, "/etc/passwd", std::nullopt, [](std::string_view text) {
          return std::optional(parse_homes(text));
        });
    if (!homes || !homes.value().contains(*uid)) {
      return std::nullopt;
    }
    return FilesOfUser{homes.value().at(*uid), *uid};
  }

  void ask_docker(const std::string& root, const std::optional<FilesOfUser>& user) {
    if (!settled_) {
      take(read_own(root + "/containers/" + question_.id + "/config.v2.json",
                    user,
                    ContainerEngine::Docker,
                    decode_docker));
    }
  }

  void ask_storage(const std::string& root, const std::optional<FilesOfUser>& user) {
    for (const char* driver : {"/overlay-containers/", "/vfs-containers/", "/btrfs-containers/"}) {
      if (settled_) {
        return;
      }
      const auto names = files_.read<ContainerNames>(
          host_, root + driver + "containers.json", user, decode_storage);
      if (!names) {
        note(names.error().number);
        continue;
      }
      const auto found = names.value().find(question_.id);
      if (found == names.value().end()) {
        continue;
      }
      // A pod is told by the annotations alone.
      const auto bundle = files_.read<ContainerFacts>(
          host_,
          root + driver + question_.id + "/userdata/config.json",
          user,
          [](std::string_view text) { return decode_bundle(text, ContainerEngine::Podman); });
      ContainerFacts facts = bundle ? bundle.value() : ContainerFacts();
      facts.engine = facts.pod.empty() ? ContainerEngine::Podman : ContainerEngine::CriO;
      facts.name = found->second.name;
      facts.image = found->second.image.empty() ? facts.image : found->second.image;
      take(std::move(facts));
    }
  }

  void ask_bundle(const std::string& path, ContainerEngine engine) {
    if (!settled_) {
      take(read_own(path, std::nullopt, engine, [=](std::string_view text) {
        return decode_bundle(text, engine);
      }));
    }
  }

  void ask_containerd(const std::string& tasks) {
    constexpr std::size_t kMostNamespaces = 64;
    if (settled_) {
      return;
    }
    const auto spaces = files_.list(host_, tasks);
    if (!spaces) {
      note(spaces.error().number);
      return;
    }
    for (std::size_t at = 0; at < std::min(spaces.value().size(), kMostNamespaces); ++at) {
      ask_bundle(tasks + "/" + spaces.value()[at] + "/" + question_.id + "/config.json",
                 ContainerEngine::Containerd);
    }
  }

  void ask_logs() {
    if (settled_) {
      return;
    }
    if (const auto logs = files_.list(host_, "/var/log/containers")) {
      for (const std::string& name : logs.value()) {
        const auto log = parse_container_log(name);
        if (log && log->id == question_.id) {
          take(log->facts);
          return;
        }
      }
    }
    const std::string uid = find_pod_uid(question_.cgroup);
    const auto pods = files_.list(host_, "/var/log/pods");
    if (uid.empty() || !pods) {
      return;
    }
    for (const std::string& name : pods.value()) {
      auto log = parse_pod_log(name);
      if (!log || log->uid != uid) {
        continue;
      }
      // Which of several it is, no name says.
      const auto members = files_.list(host_, "/var/log/pods/" + name);
      if (members && members.value().size() == 1) {
        log->facts.pod_container = members.value().front();
      }
      take(std::move(log->facts));
      return;
    }
  }

  int host_;
  StateFiles& files_;
  const ContainerQuestion& question_;
  std::optional<ContainerFacts> facts_;
  int error_ = 0;
  bool settled_ = false;
};

}  // namespace

ContainerReader::ContainerReader(int host) : host_(host), files_(std::make_shared<StateFiles>()) {
}

ContainerAnswer ContainerReader::read(const ContainerQuestion& question) const {
  if (host_ < 0 || !is_component(question.id)) {
    return {};
  }
  return StateSearch(host_, *files_, question).run();
}

}  // namespace sockwitness::recorder
