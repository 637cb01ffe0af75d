// The words of the JSON contract for every enumeration of the model.

#include <algorithm>
#include <array>
#include <cctype>

#include "schema/model/container.h"
#include "schema/model/gap.h"
#include "schema/model/ip.h"
#include "schema/model/process.h"
#include "schema/model/program.h"
#include "schema/model/snapshot_info.h"
#include "schema/model/socket.h"
#include "schema/model/vsock_name.h"

namespace sockwitness::schema {
namespace {

template <class Enum>
struct Word {
  Enum value;
  std::string_view word;
};

template <class Enum, std::size_t N>
std::string_view word_of(const std::array<Word<Enum>, N>& words, Enum value) {
  for (const auto& entry : words) {
    if (entry.value == value) {
      return entry.word;
    }
  }
  return "unknown";
}

constexpr auto kProtocols = std::to_array<Word<Protocol>>({{Protocol::Tcp, "tcp"},
                                                           {Protocol::Udp, "udp"},
                                                           {Protocol::UdpLite, "udplite"},
                                                           {Protocol::Raw, "raw"},
                                                           {Protocol::Icmp, "icmp"},
                                                           {Protocol::Unix, "unix"},
                                                           {Protocol::Packet, "packet"},
                                                           {Protocol::Netlink, "netlink"},
                                                           {Protocol::Sctp, "sctp"},
                                                           {Protocol::Mptcp, "mptcp"},
                                                           {Protocol::Vsock, "vsock"},
                                                           {Protocol::Dccp, "dccp"},
                                                           {Protocol::Other, "other"}});

constexpr auto kFamilies = std::to_array<Word<Family>>({{Family::Ipv4, "ipv4"},
                                                        {Family::Ipv6, "ipv6"},
                                                        {Family::Unix, "unix"},
                                                        {Family::Packet, "packet"},
                                                        {Family::Netlink, "netlink"},
                                                        {Family::Vsock, "vsock"},
                                                        {Family::Other, "other"}});

constexpr auto kStates =
    std::to_array<Word<SocketState>>({{SocketState::Established, "ESTABLISHED"},
                                      {SocketState::SynSent, "SYN_SENT"},
                                      {SocketState::SynRecv, "SYN_RECV"},
                                      {SocketState::FinWait1, "FIN_WAIT1"},
                                      {SocketState::FinWait2, "FIN_WAIT2"},
                                      {SocketState::TimeWait, "TIME_WAIT"},
                                      {SocketState::Close, "CLOSE"},
                                      {SocketState::CloseWait, "CLOSE_WAIT"},
                                      {SocketState::LastAck, "LAST_ACK"},
                                      {SocketState::Listen, "LISTEN"},
                                      {SocketState::Closing, "CLOSING"},
                                      {SocketState::Unconnected, "UNCONN"},
                                      {SocketState::Unbound, "UNBOUND"},
                                      {SocketState::Forward, "FORWARD"}});

// What else people type: ss's words and netstat's variants, reduced to letters and digits.
constexpr auto kStateAliases =
    std::to_array<Word<SocketState>>({{SocketState::Established, "ESTAB"},
                                      {SocketState::Established, "CONNECTED"},
                                      {SocketState::Listen, "LISTENING"},
                                      {SocketState::Unconnected, "UNCONNECTED"},
                                      {SocketState::Close, "CLOSED"}});

constexpr auto kReasons =
    std::to_array<Word<NoHolderReason>>({{NoHolderReason::None, ""},
                                         {NoHolderReason::TimeWait, "time-wait"},
                                         {NoHolderReason::NotAccepted, "not-accepted"},
                                         {NoHolderReason::Orphaned, "orphaned"},
                                         {NoHolderReason::Kernel, "kernel"},
                                         {NoHolderReason::OtherPidNamespace, "other-pid-namespace"},
                                         {NoHolderReason::Permission, "permission"},
                                         {NoHolderReason::Exited, "exited"},
                                         {NoHolderReason::Unread, "unread"}});

constexpr auto kFileStates = std::to_array<Word<FileState>>({{FileState::Present, "present"},
                                                             {FileState::Deleted, "deleted"},
                                                             {FileState::Replaced, "replaced"},
                                                             {FileState::Memfd, "memfd"},
                                                             {FileState::Unknown, "unknown"}});

constexpr auto kVerdicts =
    std::to_array<Word<PackageVerdict>>({{PackageVerdict::NotOwned, "unowned"},
                                         {PackageVerdict::Matches, "intact"},
                                         {PackageVerdict::Differs, "altered"},
                                         {PackageVerdict::NoChecksum, "no-checksum"},
                                         {PackageVerdict::NoDatabase, "no-database"},
                                         {PackageVerdict::NotChecked, "not-checked"},
                                         {PackageVerdict::Unknown, "unknown"}});

constexpr auto kDescriptors =
    std::to_array<Word<DescriptorKind>>({{DescriptorKind::File, "file"},
                                         {DescriptorKind::Pipe, "pipe"},
                                         {DescriptorKind::Fifo, "fifo"},
                                         {DescriptorKind::Terminal, "terminal"},
                                         {DescriptorKind::PtyMaster, "pty-master"},
                                         {DescriptorKind::Null, "null"},
                                         {DescriptorKind::OtherDevice, "device"},
                                         {DescriptorKind::Tun, "tun"},
                                         {DescriptorKind::Anonymous, "anonymous"}});

constexpr auto kContainerEngines =
    std::to_array<Word<ContainerEngine>>({{ContainerEngine::Docker, "docker"},
                                          {ContainerEngine::Podman, "podman"},
                                          {ContainerEngine::Containerd, "containerd"},
                                          {ContainerEngine::CriO, "cri-o"},
                                          {ContainerEngine::Kubernetes, "kubernetes"}});

constexpr auto kGapSources =
    std::to_array<Word<GapSource>>({{GapSource::SocketTable, "socket-table"},
                                    {GapSource::Namespace, "namespace"},
                                    {GapSource::ProcessList, "process-list"},
                                    {GapSource::Process, "process"},
                                    {GapSource::ProcessField, "process-field"},
                                    {GapSource::Descriptors, "descriptors"},
                                    {GapSource::Program, "program"},
                                    {GapSource::Registrations, "registrations"},
                                    {GapSource::Clock, "clock"},
                                    {GapSource::Interfaces, "interfaces"},
                                    {GapSource::Containers, "containers"},
                                    {GapSource::NatRules, "nat-rules"}});

constexpr auto kGapReasons =
    std::to_array<Word<GapReason>>({{GapReason::Permission, "permission"},
                                    {GapReason::Interrupted, "interrupted"},
                                    {GapReason::Failed, "failed"},
                                    {GapReason::TimedOut, "timeout"},
                                    {GapReason::Vanished, "vanished"},
                                    {GapReason::Raced, "raced"},
                                    {GapReason::NotSupported, "not-supported"},
                                    {GapReason::Truncated, "truncated"},
                                    {GapReason::TooMany, "too-many"}});

constexpr auto kIpClasses = std::to_array<Word<IpClass>>({{IpClass::Any, "any"},
                                                          {IpClass::Loopback, "loopback"},
                                                          {IpClass::LinkLocal, "link-local"},
                                                          {IpClass::Private, "private"},
                                                          {IpClass::Multicast, "multicast"},
                                                          {IpClass::Mapped, "mapped"},
                                                          {IpClass::Global, "global"}});

constexpr auto kMissedKinds = std::to_array<Word<MissedKind>>(
    {{MissedKind::Skipped, "skipped"}, {MissedKind::Failed, "failed"}, {MissedKind::Late, "late"}});

std::string letters_only(std::string_view word) {
  std::string reduced;
  for (const char character : word) {
    if (std::isalnum(static_cast<unsigned char>(character)) != 0) {
      reduced += static_cast<char>(std::toupper(static_cast<unsigned char>(character)));
    }
  }
  return reduced;
}

}  // namespace

std::string_view protocol_name(Protocol protocol) {
  return word_of(kProtocols, protocol);
}
std::string_view family_name(Family family) {
  return word_of(kFamilies, family);
}
std::string_view state_name(SocketState state) {
  return word_of(kStates, state);
}
std::string_view no_holder_word(NoHolderReason reason) {
  return word_of(kReasons, reason);
}
std::string_view file_state_word(FileState state) {
  return word_of(kFileStates, state);
}
std::string_view part_word(Part part) {
  constexpr std::array<std::string_view, 12> kWords = {"ids",
                                                       "program",
                                                       "command_line",
                                                       "script",
                                                       "script_file",
                                                       "working_directory",
                                                       "cgroup",
                                                       "login_uid",
                                                       "namespaces",
                                                       "descriptors",
                                                       "environment",
                                                       "mappings"};
  return kWords.at(static_cast<std::size_t>(part) - static_cast<std::size_t>(Part::Ids));
}

std::vector<std::string_view> part_words(const Parts& parts) {
  std::vector<std::string_view> words;
  for (auto number = static_cast<std::uint8_t>(Part::Ids);
       number <= static_cast<std::uint8_t>(Part::Mappings);
       ++number) {
    if (parts.contains(static_cast<Part>(number))) {
      words.push_back(part_word(static_cast<Part>(number)));
    }
  }
  return words;
}

std::string_view verdict_word(PackageVerdict verdict) {
  return word_of(kVerdicts, verdict);
}
std::string_view descriptor_kind_word(DescriptorKind kind) {
  return word_of(kDescriptors, kind);
}
std::string_view container_engine_word(ContainerEngine engine) {
  return word_of(kContainerEngines, engine);
}
std::string_view gap_source_word(GapSource source) {
  return word_of(kGapSources, source);
}
std::string_view gap_reason_word(GapReason reason) {
  return word_of(kGapReasons, reason);
}
std::string_view ip_class_word(IpClass ip_class) {
  return word_of(kIpClasses, ip_class);
}
std::string_view missed_kind_word(MissedKind kind) {
  return word_of(kMissedKinds, kind);
}

std::optional<Protocol> parse_protocol(std::string_view name) {
  for (const auto& entry : kProtocols) {
    if (entry.word == name) {
      return entry.value;
    }
  }
  return std::nullopt;
}

std::optional<SocketState> parse_state(std::string_view word) {
  const std::string wanted = letters_only(word);
  for (const auto& entry : kStates) {
    if (letters_only(entry.word) == wanted) {
      return entry.value;
    }
  }
  for (const auto& entry : kStateAliases) {
    if (entry.word == wanted) {
      return entry.value;
    }
  }
  return std::nullopt;
}

std::string vsock_name(std::uint32_t cid, std::uint32_t port) {
  constexpr std::uint32_t kAny = ~0U;  // VMADDR_CID_ANY and VMADDR_PORT_ANY
  const auto word = [](std::uint32_t number) {
    return number == kAny ? std::string("*") : std::to_string(number);
  };
  return word(cid) + ":" + word(port);
}

}  // namespace sockwitness::schema
