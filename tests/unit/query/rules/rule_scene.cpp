#include "tests/unit/query/rules/rule_scene.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "query/rules/engine.h"
#include "query/rules/path_words.h"
#include "query/rules/rule_book.h"
#include "query/rules/rule_folder.h"

namespace sockwitness::test {
namespace {

using namespace schema;

constexpr std::size_t kLongestName = 15;
constexpr std::int64_t kMinuteNs = 60'000'000'000;

const query::RuleBook& builtin_book() {
  static const query::RuleBook book(query::builtin_rules(), {});
  return book;
}

const std::vector<query::PortName>& port_names() {
  static const std::vector<query::PortName> names{{Protocol::Tcp, Port(22), "ssh"},
                                                  {Protocol::Tcp, Port(53), "domain"},
                                                  {Protocol::Udp, Port(53), "domain"},
                                                  {Protocol::Tcp, Port(80), "http"},
                                                  {Protocol::Tcp, Port(111), "sunrpc"},
                                                  {Protocol::Tcp, Port(6379), "redis"},
                                                  {Protocol::Tcp, Port(8080), "http-alt"}};
  return names;
}

// The engine lends the names of evidence to its matches.
query::Engine& engine() {
  static query::Engine kept;
  return kept;
}

}  // namespace

RuleScene::RuleScene() {
  snapshot.context.package_database_mtime_ns =
      (kSceneTime.microseconds - 24 * 60 * kMinuteUs) * 1000;
  const auto init = process("systemd", 1, "/usr/lib/systemd/systemd");
  at(init).parent = std::nullopt;
  at(init).start = BootTime{0};
}

ProcessIndex RuleScene::run(std::string_view path,
                            std::initializer_list<std::string_view> arguments) {
  return run(ProcessIndex(0), path, arguments);
}

ProcessIndex RuleScene::run(ProcessIndex parent,
                            std::string_view path,
                            std::initializer_list<std::string_view> arguments) {
  const auto added = process(query::base_name(path).substr(0, kLongestName), next_pid_, path);
  Process& its = at(added);
  its.parent = at(parent).pid;
  its.start = BootTime{snapshot.begin.since_boot.nanoseconds - kMinuteNs + next_pid_ * 1000};
  its.process_group = its.pid;
  its.session = its.pid;
  its.netns = NetnsIndex(0);
  its.mount_namespace = Inode(4026531841);
  ++next_pid_;
  if (arguments.size() > 0) {
    std::string line;
    for (const std::string_view argument : arguments) {
      line.append(argument).push_back('\0');
    }
    its.command_line = line;
  }
  Program& file = program(added);
  file.package = fmt::format("package-of-{}", query::base_name(path));
  file.package_version = "1.0";
  file.sha256 = std::string(path).substr(0, 32);
  file.sha256.resize(32, '.');
  return added;
}

ProcessIndex RuleScene::run_unowned(std::string_view path,
                                    std::initializer_list<std::string_view> arguments) {
  const auto added = run(path, arguments);
  program(added).verdict = PackageVerdict::NotOwned;
  program(added).package.clear();
  program(added).package_version.clear();
  return added;
}

void RuleScene::give_script(ProcessIndex process, std::string_view path, bool packaged) {
  Program file;
  file.path = path;
  file.verdict = packaged ? PackageVerdict::Matches : PackageVerdict::NotOwned;
  file.package = packaged ? "package-of-script" : "";
  snapshot.programs.push_back(file);
  at(process).script = path;
  at(process).script_file = ProgramIndex(static_cast<std::uint32_t>(snapshot.programs.size() - 1));
}

void RuleScene::give_unit(ProcessIndex process, std::string unit) {
  at(process).cgroup = "/system.slice/" + unit;
  at(process).unit = std::move(unit);
}

void RuleScene::give_user(ProcessIndex process, unsigned uid) {
  at(process).real_uid = Uid(uid);
  at(process).effective_uid = Uid(uid);
}

Program& RuleScene::map(ProcessIndex process, std::string_view path) {
  Program file;
  file.path = path;
  file.verdict = PackageVerdict::NotOwned;
  file.inode = Inode(snapshot.programs.size() + 1);
  snapshot.programs.push_back(file);
  snapshot.mappings.push_back(
      {process, ProgramIndex(static_cast<std::uint32_t>(snapshot.programs.size() - 1))});
  return snapshot.programs.back();
}

SocketIndex RuleScene::listen(ProcessIndex process,
                              int fd,
                              std::string_view end,
                              Protocol protocol) {
  const auto added = socket(protocol, end);
  at(added).uid = at(process).effective_uid;
  hold(added, process, fd);
  return added;
}

SocketIndex RuleScene::connect(
    ProcessIndex process, int fd, std::string_view end, std::string_view peer, Protocol protocol) {
  const auto added = socket(protocol, end, peer);
  at(added).uid = at(process).effective_uid;
  hold(added, process, fd);
  return added;
}

SocketIndex RuleScene::capture(ProcessIndex process, int fd, Protocol protocol, unsigned number) {
  const auto added = protocol == Protocol::Raw ? socket(protocol, fmt::format("0.0.0.0 {}", number))
                                               : unix_socket(SocketState::Unconnected, "");
  Socket& its = at(added);
  if (protocol == Protocol::Packet) {
    its.protocol = Protocol::Packet;
    its.family = Family::Packet;
    its.type = SocketType::Raw;
    its.number = number;
  }
  hold(added, process, fd);
  return added;
}

void RuleScene::socket_pair(ProcessIndex one, int fd, ProcessIndex other, int other_fd) {
  const auto left = unix_socket(SocketState::Established, "");
  const auto right = unix_socket(SocketState::Established, "");
  at(left).peer = at(right).inode;
  at(right).peer = at(left).inode;
  hold(left, one, fd);
  hold(right, other, other_fd);
}

void RuleScene::pipe(ProcessIndex process, int fd, unsigned inode) {
  descriptor(process, fd, DescriptorKind::Pipe);
  snapshot.descriptors.back().inode = Inode(inode);
}

void RuleScene::fifo(ProcessIndex process, int fd, std::string path) {
  const auto inode = std::hash<std::string>{}(path) % 100'000;
  descriptor(process, fd, DescriptorKind::Fifo, std::move(path));
  snapshot.descriptors.back().inode = Inode(inode);
  snapshot.descriptors.back().device = Device(8);
}

void RuleScene::terminal(ProcessIndex process, unsigned number) {
  constexpr std::uint32_t kFirstPts = 136U << 8U;
  at(process).tty = kFirstPts + number;
  for (int fd = 0; fd < 3; ++fd) {
    descriptor(process, fd, DescriptorKind::Terminal, fmt::format("/dev/pts/{}", number));
    snapshot.descriptors.back().device = Device(24);
  }
}

void RuleScene::master(ProcessIndex process, int fd, unsigned number) {
  descriptor(process, fd, DescriptorKind::PtyMaster, "/dev/ptmx");
  snapshot.descriptors.back().number = number;
  snapshot.descriptors.back().device = Device(5);
}

void RuleScene::descriptor(ProcessIndex process, int fd, DescriptorKind kind, std::string target) {
  Descriptor added;
  added.process = process;
  added.fd = Fd(fd);
  added.kind = kind;
  added.target = std::move(target);
  snapshot.descriptors.push_back(added);
}

void RuleScene::gap(GapSource source, schema::GapObject object, std::optional<int> pid) {
  Gap added;
  added.source = source;
  added.reason = GapReason::Permission;
  added.object = std::move(object);
  added.pid = pid ? std::optional(Pid(*pid)) : std::nullopt;
  snapshot.gaps.push_back(added);
}

Program& RuleScene::program(ProcessIndex process) {
  return snapshot.programs[at(process).program->value()];
}

std::vector<query::Match> RuleScene::match(std::string_view rule) const {
  const query::Rule* wanted = builtin_book().find(rule);
  if (wanted == nullptr) {
    throw std::invalid_argument(fmt::format("there is no rule '{}'", rule));
  }
  const query::HostView host(snapshot, lifetimes);
  query::Stage stage({host, port_names(), known_programs, history_began, baseline});
  query::RuleRun run = engine().run(stage, {wanted, 1});
  if (!run.failures.empty()) {
    throw std::runtime_error(run.failures.front().reason);
  }
  return run.matches;
}

std::string RuleScene::name_of(const query::Match& match) const {
  if (!match.process) {
    return "nobody";
  }
  const Process& process = snapshot.processes[match.process->value()];
  return fmt::format("{}({})", process.name, process.pid.value());
}

std::string RuleScene::told(std::string_view rule) const {
  auto matches = match(rule);
  std::stable_sort(matches.begin(), matches.end(), [](const auto& left, const auto& right) {
    return left.severity > right.severity;
  });
  std::string text;
  for (const query::Match& each : matches) {
    text += fmt::format(
        "{}{} {}", text.empty() ? "" : ", ", query::severity_word(each.severity), name_of(each));
  }
  return text;
}

std::string RuleScene::told_of_weight() const {
  std::string text;
  for (const query::Rule& rule : builtin_book().rules()) {
    for (const query::Match& each : match(rule.id)) {
      if (each.severity >= query::Severity::Medium) {
        text +=
            fmt::format("{}: {} {}; ", rule.id, query::severity_word(each.severity), name_of(each));
      }
    }
  }
  return text;
}

std::string RuleScene::why(std::string_view rule) const {
  std::string text;
  for (const query::Match& each : match(rule)) {
    text += (text.empty() ? "" : "|") + each.why;
  }
  return text;
}

}  // namespace sockwitness::test
