#include "recorder/collect/patient_host.h"

#include <cerrno>
#include <utility>

#include "recorder/observe/errands.h"

namespace sockwitness::recorder {
namespace {

using schema::Gap;

// Nothing: it did not answer, now or before.
template <class T>
std::optional<T> ask(Hangs& hangs, std::string_view what, std::function<T()> question) {
  if (hangs.has(what)) {
    return std::nullopt;
  }
  const auto describe = [&](std::size_t) {
    Hang hang;
    hang.what = what;
    return hang;
  };
  auto answers = Errands<T>::run(
      hangs, 1, [question = std::move(question)](std::size_t) { return question(); }, describe);
  return std::move(answers[0]);
}

}  // namespace

schema::Context PatientHost::read_context(std::vector<Gap>& gaps) {
  if (local_) {
    return source_->read_context(gaps);
  }
  using Answer = std::pair<schema::Context, std::vector<Gap>>;
  auto answer = ask<Answer>(*hangs_, kContextHang, [source = source_] {
    Answer found;
    found.first = source->read_context(found.second);
    return found;
  });
  if (!answer) {
    answer.emplace();
    answer->first = without_files_->read_context(answer->second);
    for (Gap& gap : answer->second) {
      if (gap.error_number == EBADF) {
        gap.reason = schema::GapReason::TimedOut;
        gap.error_number = ETIMEDOUT;
      }
    }
  }
  gaps.insert(gaps.end(), answer->second.begin(), answer->second.end());
  return std::move(answer->first);
}

std::optional<schema::ClockSync> PatientHost::read_clock_sync(std::vector<Gap>& gaps) {
  return source_->read_clock_sync(gaps);
}

std::vector<schema::UserName> PatientHost::read_users() {
  if (local_) {
    return source_->read_users();
  }
  using Answer = std::pair<std::vector<schema::UserName>, std::vector<schema::GroupName>>;
  auto answer = ask<Answer>(*hangs_, kAccountsHang, [source = source_] {
    return Answer(source->read_users(), source->read_groups());
  });
  groups_.emplace();
  if (!answer) {
    return {};
  }
  groups_ = std::move(answer->second);
  return std::move(answer->first);
}

std::vector<schema::GroupName> PatientHost::read_groups() {
  if (local_) {
    return source_->read_groups();
  }
  if (!groups_) {
    static_cast<void>(read_users());
  }
  return *groups_;
}

std::vector<schema::RpcRegistration> PatientHost::read_registrations(std::vector<Gap>& gaps) {
  return source_->read_registrations(gaps);
}

}  // namespace sockwitness::recorder
