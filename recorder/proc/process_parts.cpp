#include "recorder/proc/process_parts.h"

namespace sockwitness::recorder {

using schema::Part;

schema::GapPart field_of(Part part) {
  switch (part) {
    case Part::Ids:
      return schema::GapPart::Status;
    case Part::Program:
      return schema::GapPart::ProgramFile;
    case Part::CommandLine:
      return schema::GapPart::CommandLine;
    case Part::Script:
    case Part::ScriptFile:
      return schema::GapPart::Script;
    case Part::WorkingDirectory:
      return schema::GapPart::WorkingDirectory;
    case Part::ControlGroup:
      return schema::GapPart::ControlGroup;
    case Part::LoginUser:
      return schema::GapPart::LoginUser;
    case Part::Namespaces:
      return schema::GapPart::Namespaces;
    case Part::Descriptors:
      return schema::GapPart::Descriptors;
    case Part::Environment:
      return schema::GapPart::Environment;
    case Part::Mappings:
      return schema::GapPart::Mappings;
  }
  return schema::GapPart::Done;
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
