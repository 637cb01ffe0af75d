#include "recorder/observe/source.h"

namespace sockwitness::recorder {

schema::GapPart step_part(ProcessStep step) {
  switch (step) {
    case ProcessStep::Open:
      return schema::GapPart::Open;
    case ProcessStep::Stat:
      return schema::GapPart::Stat;
    case ProcessStep::Status:
      return schema::GapPart::Status;
    case ProcessStep::CommandLine:
      return schema::GapPart::CommandLine;
    case ProcessStep::Program:
      return schema::GapPart::ProgramFile;
    case ProcessStep::WorkingDirectory:
      return schema::GapPart::WorkingDirectory;
    case ProcessStep::Control:
      return schema::GapPart::Control;
    case ProcessStep::Descriptors:
      return schema::GapPart::Descriptors;
    case ProcessStep::Environment:
      return schema::GapPart::Environment;
    case ProcessStep::Mappings:
      return schema::GapPart::Mappings;
    case ProcessStep::Script:
      return schema::GapPart::Script;
    case ProcessStep::Done:
      return schema::GapPart::Done;
  }
  return schema::GapPart::Done;
}

}  // namespace sockwitness::recorder
