#include "recorder/proc/process_parts.h"

namespace sockwitness::recorder {

using schema::Part;

std::string_view field_word(Part part) {
  switch (part) {
    case Part::Ids:
      return "status";
    case Part::ScriptFile:
      return "script";
    default:
      return schema::part_word(part);
  }
}

std::vector<Part> parts_of(ProcessStep step) {
  switch (step) {
    case ProcessStep::Status:
      return {Part::Ids};
    case ProcessStep::CommandLine:
      return {Part::CommandLine};
    case ProcessStep::Program:
      return {Part::Program};
    case ProcessStep::WorkingDirectory:
      return {Part::WorkingDirectory};
    case ProcessStep::Control:
      return {Part::ControlGroup, Part::LoginUser, Part::Namespaces};
    case ProcessStep::Descriptors:
      return {Part::Descriptors};
    case ProcessStep::Environment:
      return {Part::Environment};
    case ProcessStep::Mappings:
      return {Part::Mappings};
    case ProcessStep::Script:
      return {Part::Script};
    case ProcessStep::Open:
    case ProcessStep::Stat:
    case ProcessStep::Done:
      break;
  }
  return {};
}

}  // namespace sockwitness::recorder
