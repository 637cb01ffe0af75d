#include "schema/model/gap_object.h"

namespace sockwitness::schema {

std::string_view gap_part_word(GapPart part) {
  switch (part) {
    case GapPart::Open:
      return "open";
    case GapPart::Stat:
      return "stat";
    case GapPart::Status:
      return "status";
    case GapPart::CommandLine:
      return "command_line";
    case GapPart::ProgramFile:
      return "program";
    case GapPart::Script:
      return "script";
    case GapPart::WorkingDirectory:
      return "working_directory";
    case GapPart::Control:
      return "control";
    case GapPart::ControlGroup:
      return "cgroup";
    case GapPart::LoginUser:
      return "login_uid";
    case GapPart::Namespaces:
      return "namespaces";
    case GapPart::Descriptors:
      return "descriptors";
    case GapPart::Threads:
      return "threads";
    case GapPart::Environment:
      return "environment";
    case GapPart::Mappings:
      return "mappings";
    case GapPart::Done:
      return "done";
    case GapPart::Boot:
      return "boot_id";
    case GapPart::MachineId:
      return "machine_id";
    case GapPart::EphemeralPorts:
      return "ephemeral_ports";
    case GapPart::UnprivilegedPorts:
      return "unprivileged_ports";
    case GapPart::PackageDatabase:
      return "package_database";
    case GapPart::PreloadFile:
      return "preload_file";
    case GapPart::UserNames:
      return "user_names";
    case GapPart::GroupNames:
      return "group_names";
    case GapPart::HiddenProcesses:
      return "hidepid";
    case GapPart::Recorder:
      return "self";
    case GapPart::PidNamespace:
      return "pid-namespace";
    case GapPart::Processes:
      return "processes";
    case GapPart::ByDescriptor:
      return "descriptor";
    case GapPart::ByThread:
      return "thread";
    case GapPart::Mounts:
      return "mounts";
    case GapPart::Host:
      return "host";
    case GapPart::Label:
      return "label";
    case GapPart::InterfaceNames:
      return "names";
    case GapPart::UnlistedSocket:
      return "socket";
    case GapPart::SecondLook:
      return "second look";
    case GapPart::Rpcbind:
      return "rpcbind";
    case GapPart::NatTables:
      return "nf_tables";
    case GapPart::LegacyNat:
      return "legacy iptables";
  }
  return "unknown";
}

}  // namespace sockwitness::schema
