#include "recorder/observe/source.h"

namespace sockwitness::recorder {

std::string_view step_word(ProcessStep step) {
  switch (step) {
    case ProcessStep::Open:
      return "open";
    case ProcessStep::Stat:
      return "stat";
    case ProcessStep::Status:
      return "status";
    case ProcessStep::CommandLine:
      return "command_line";
    case ProcessStep::Program:
      return "program";
    case ProcessStep::WorkingDirectory:
      return "working_directory";
    case ProcessStep::Control:
      return "control";
    case ProcessStep::Descriptors:
      return "descriptors";
    case ProcessStep::Environment:
      return "environment";
    case ProcessStep::Mappings:
      return "mappings";
    case ProcessStep::Script:
      return "script";
    case ProcessStep::Done:
      return "done";
  }
  return "unknown";
}

}  // namespace sockwitness::recorder
