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

// Those of files that were not asked.
void mark_timed_out(std::vector<Gap>& gaps) {
  for (Gap& gap : gaps) {
    if (gap.error_number == EBADF) {
      gap.reason = schema::GapReason::TimedOut;
      gap.error_number = ETIMEDOUT;
    }
  }
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
    mark_timed_out(answer->second);
  }
  gaps.insert(gaps.end(), answer->second.begin(), answer->second.end());
  return std::move(answer->first);
}

std::optional<schema::ClockSync> PatientHost::read_clock_sync(std::vector<Gap>& gaps) {
  return source_->read_clock_sync(gaps);
}

PatientHost::Names PatientHost::read_names(HostSource& source) {
  Names names;
  names.users = source.read_users(names.user_gaps);
  names.groups = source.read_groups(names.group_gaps);
  return names;
}

PatientHost::Names& PatientHost::names() {
  if (!names_) {
    names_ = ask<Names>(*hangs_, kAccountsHang, [source = source_] { return read_names(*source); });
  }
  if (!names_) {
    names_ = read_names(*without_files_);
    mark_timed_out(names_->user_gaps);
    mark_timed_out(names_->group_gaps);
  }
  return *names_;
}

std::vector<schema::UserName> PatientHost::read_users(std::vector<Gap>& gaps) {
  if (local_) {
    return source_->read_users(gaps);
  }
  gaps.insert(gaps.end(), names().user_gaps.begin(), names().user_gaps.end());
  return std::move(names().users);
}

std::vector<schema::GroupName> PatientHost::read_groups(std::vector<Gap>& gaps) {
  if (local_) {
    return source_->read_groups(gaps);
  }
  gaps.insert(gaps.end(), names().group_gaps.begin(), names().group_gaps.end());
  return std::move(names().groups);
}

std::vector<schema::RpcRegistration> PatientHost::read_registrations(std::vector<Gap>& gaps) {
  return source_->read_registrations(gaps);
}

std::vector<ContainerAnswer> PatientHost::read_containers(
    const std::vector<ContainerQuestion>& questions) {
  std::vector<std::optional<ContainerAnswer>> found(questions.size());
  if (!hangs_->has(kContainersHang)) {
    const auto describe = [](std::size_t) {
      Hang hang;
      hang.what = kContainersHang;
      return hang;
    };
    found = Errands<ContainerAnswer>::run(
        *hangs_,
        questions.size(),
        [source = source_, questions](std::size_t at) {
          return std::move(source->read_containers({questions[at]}).front());
        },
        describe);
  }
  std::vector<ContainerAnswer> answers;
  for (std::size_t at = 0; at < questions.size(); ++at) {
    answers.push_back(found[at] ? std::move(*found[at]) : ContainerAnswer());
    if (!found[at]) {
      answers.back().gap = Gap{.source = schema::GapSource::Containers,
                               .reason = schema::GapReason::TimedOut,
                               .netns = std::nullopt,
                               .pid = std::nullopt,
                               .object = schema::GapObject::of_text(questions[at].id),
                               .error_number = ETIMEDOUT};
    }
  }
  return answers;
}

}  // namespace sockwitness::recorder
