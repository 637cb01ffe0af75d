#include "recorder/proc/gap_reason.h"

#include <cerrno>

namespace sockwitness::recorder {

schema::GapReason gap_reason(int error_number) {
  using schema::GapReason;
  switch (error_number) {
    case EACCES:
    case EPERM:
      return GapReason::Permission;
    case ESRCH:
    case ENOENT:
      return GapReason::Vanished;
    case EFBIG:
    case ENAMETOOLONG:
      return GapReason::Truncated;
    case ETIMEDOUT:
      return GapReason::TimedOut;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return GapReason::TooMany;
    case ENOSYS:
    case EOPNOTSUPP:
    case ENOTTY:
      return GapReason::NotSupported;
    default:
      return GapReason::Failed;
  }
}

bool means_vanished(int error_number) {
  return error_number == ESRCH || error_number == ENOENT;
}

}  // namespace sockwitness::recorder
