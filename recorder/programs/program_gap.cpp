#include "recorder/programs/program_gap.h"

#include <cerrno>

namespace sockwitness::recorder {
namespace {

schema::GapReason program_gap_reason(int number) {
  switch (number) {
    case EACCES:
    case EPERM:
      return schema::GapReason::Permission;
    case ENOENT:
    case ESRCH:
      return schema::GapReason::Vanished;
    case ESTALE:
      return schema::GapReason::Raced;
    case EFBIG:
    case E2BIG:
    case EMFILE:
    case ENFILE:
      return schema::GapReason::TooMany;
    case ENOTSUP:
    case EINVAL:
      return schema::GapReason::NotSupported;
    default:
      return schema::GapReason::Failed;
  }
}

}  // namespace

schema::Gap program_gap(const schema::Program& program, int number) {
  schema::Gap gap;
  gap.source = schema::GapSource::Program;
  gap.reason = program_gap_reason(number);
  gap.object = schema::GapObject::of_text(program.path);
  gap.error_number = number;
  return gap;
}

}  // namespace sockwitness::recorder
