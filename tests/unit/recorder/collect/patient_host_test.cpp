#include "recorder/collect/patient_host.h"

#include <atomic>
#include <cerrno>
#include <thread>

#include <catch2/catch.hpp>

namespace sockwitness::recorder {
namespace {

using schema::Gap;
using schema::GapReason;
using schema::GapSource;
using std::chrono::milliseconds;

// Its files hang until it is released, or it has none.
class FakeFiles : public HostSource {
 public:
  explicit FakeFiles(bool has_files) : has_files_(has_files) {}

  schema::Context read_context(std::vector<Gap>& gaps) override {
    schema::Context context;
    context.boot_id = "boot";
    if (has_files_) {
      wait();
      context.machine_id = "machine";
    } else {
      gaps.push_back(
          {GapSource::ProcessField, GapReason::Failed, {}, {}, schema::GapPart::MachineId, EBADF});
    }
    gaps.push_back(
        {GapSource::ProcessField, GapReason::Permission, {}, {}, schema::GapPart::Boot, EPERM});
    return context;
  }
  std::optional<schema::ClockSync> read_clock_sync(std::vector<Gap>&) override { return {}; }
  std::vector<schema::UserName> read_users(std::vector<Gap>& gaps) override {
    if (!has_files_) {
      gaps.push_back(
          {GapSource::ProcessField, GapReason::Failed, {}, {}, schema::GapPart::UserNames, EBADF});
      return {};
    }
    wait();
    return {{schema::Uid(0), "root"}};
  }
  std::vector<schema::GroupName> read_groups(std::vector<Gap>&) override {
    return has_files_ ? std::vector<schema::GroupName>{{schema::Gid(5), "tty"}}
                      : std::vector<schema::GroupName>();
  }
  std::vector<schema::RpcRegistration> read_registrations(std::vector<Gap>&) override { return {}; }

  std::vector<ContainerAnswer> read_containers(
      const std::vector<ContainerQuestion>& questions) override {
    std::vector<ContainerAnswer> answers(questions.size());
    for (std::size_t at = 0; at < questions.size(); ++at) {
      if (questions[at].id == "slow") {
        wait();
      }
      answers[at].facts.emplace().name = questions[at].id;
    }
    return answers;
  }

  std::atomic<bool> hangs{false};
  std::atomic<int> asked{0};

 private:
  void wait() {
    ++asked;
    while (hangs) {
      std::this_thread::sleep_for(milliseconds(1));
    }
  }
  bool has_files_;
};

struct Fixture {
  std::shared_ptr<FakeFiles> files = std::make_shared<FakeFiles>(true);
  std::shared_ptr<Hangs> hangs = std::make_shared<Hangs>(
      std::vector<Hang>(),
      PatienceLimits{milliseconds(100), milliseconds(50), milliseconds(20'000)});
  PatientHost host{files, std::make_shared<FakeFiles>(false), hangs, false};
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a host that answers is told as it is") {
  std::vector<Gap> gaps;
  CHECK(host.read_context(gaps).machine_id == "machine");
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0].reason == GapReason::Permission);
  CHECK(host.read_users(gaps).size() == 1);
  CHECK(host.read_groups(gaps).size() == 1);
  CHECK(gaps.size() == 1);
  CHECK(hangs->all().empty());
}

TEST_CASE_METHOD(Fixture, "files that do not answer are gaps, and are asked once") {
  files->hangs = true;
  for (int turn = 0; turn < 2; ++turn) {
    std::vector<Gap> gaps;
    const auto context = host.read_context(gaps);
    CHECK(context.boot_id == "boot");
    CHECK(context.machine_id.empty());
    REQUIRE(gaps.size() == 2);
    CHECK(gaps[0].object == schema::GapPart::MachineId);
    CHECK(gaps[0].reason == GapReason::TimedOut);
    CHECK(gaps[0].error_number == ETIMEDOUT);
    CHECK(gaps[1].reason == GapReason::Permission);
    CHECK(host.read_users(gaps).empty());
    CHECK(host.read_groups(gaps).empty());
    REQUIRE(gaps.size() == 3);
    CHECK(gaps[2].object == schema::GapPart::UserNames);
    CHECK(gaps[2].reason == GapReason::TimedOut);
  }
  CHECK(files->asked == 2);
  CHECK(hangs->found().size() == 2);
  files->hangs = false;
}

TEST_CASE_METHOD(Fixture, "a container whose state file hangs costs its own name") {
  const std::vector<ContainerQuestion> questions{{"web", ""}, {"slow", ""}, {"shop", ""}};
  CHECK(host.read_containers(questions).at(1).facts->name == "slow");
  files->hangs = true;
  const auto answers = host.read_containers(questions);
  REQUIRE(answers.size() == 3);
  CHECK(answers[0].facts->name == "web");
  CHECK(answers[2].facts->name == "shop");
  CHECK_FALSE(answers[1].facts);
  REQUIRE(answers[1].gap);
  CHECK(answers[1].gap->reason == GapReason::TimedOut);
  CHECK(answers[1].gap->object.text() == "slow");
  // What hangs is not asked again.
  CHECK(host.read_containers(questions).at(0).gap->reason == GapReason::TimedOut);
  CHECK(files->asked == 2);
  files->hangs = false;
}

}  // namespace sockwitness::recorder
