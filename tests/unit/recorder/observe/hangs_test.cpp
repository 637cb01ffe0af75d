#include "recorder/observe/hangs.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "recorder/observe/errands.h"

namespace sockwitness::recorder {
namespace {

using schema::Device;
using schema::Inode;
using schema::Pid;
using std::chrono::milliseconds;

constexpr PatienceLimits kShort{milliseconds(200), milliseconds(50), milliseconds(20'000)};

Hang on_device(std::uint64_t device) {
  Hang hang;
  hang.what = "program";
  hang.device = Device(device);
  return hang;
}

Hang packages(std::uint64_t device, std::uint64_t inode) {
  Hang hang;
  hang.what = kPackagesHang;
  hang.device = Device(device);
  hang.inode = Inode(inode);
  return hang;
}

Hang job(std::size_t number) {
  Hang hang;
  hang.what = "job";
  hang.path = std::to_string(number);
  return hang;
}

// Jobs that hang stay until this goes.
struct Gate {
  std::atomic<bool> open{false};
  std::atomic<int> inside{0};

  void wait() {
    ++inside;
    while (!open) {
      std::this_thread::sleep_for(milliseconds(1));
    }
    --inside;
  }
};

class Opened {
 public:
  explicit Opened(std::shared_ptr<Gate> gate) : gate_(std::move(gate)) {}
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
  ~Opened() {
    gate_->open = true;
    while (gate_->inside > 0) {
      std::this_thread::sleep_for(milliseconds(1));
    }
  }

 private:
  std::shared_ptr<Gate> gate_;
};

}  // namespace

TEST_CASE("a file system that hangs is known by its device, but for the one we run from") {
  Hangs hangs;
  hangs.set_own_root(Device(8));
  CHECK_FALSE(hangs.has_device(Device(54)));
  hangs.add(on_device(54));
  hangs.add(on_device(8));
  hangs.add(on_device(0));
  CHECK(hangs.has_device(Device(54)));
  CHECK_FALSE(hangs.has_device(Device(8)));
  CHECK_FALSE(hangs.has_device(Device(0)));
  CHECK(hangs.found().size() == 3);
}

TEST_CASE("a package database that hangs says nothing of its file system") {
  Hangs hangs({packages(54, 2)});
  CHECK(hangs.has_packages(Device(54), Inode(2)));
  CHECK_FALSE(hangs.has_packages(Device(54), Inode(3)));
  CHECK_FALSE(hangs.has_device(Device(54)));
  CHECK(hangs.found().empty());  // of this run
  CHECK(hangs.all().size() == 1);
}

TEST_CASE("patience gets shorter, and ends") {
  Hangs hangs({on_device(1), on_device(2)},
              {milliseconds(200), milliseconds(50), milliseconds(100)});
  CHECK(hangs.patience() == milliseconds(200));  // those of earlier runs cost nothing
  hangs.add(on_device(3));
  CHECK(hangs.patience() == milliseconds(200));
  hangs.add(on_device(4));
  CHECK(hangs.patience() == milliseconds(50));
  std::this_thread::sleep_for(milliseconds(120));
  CHECK(hangs.patience() == milliseconds(0));
  CHECK(hangs.patience_under_way() == milliseconds(50));
}

TEST_CASE("errands give each job's result, in order") {
  Hangs hangs;
  const auto squares = Errands<std::size_t>::run(
      hangs, 100, [](std::size_t at) { return at * at; }, job);
  REQUIRE(squares.size() == 100);
  for (std::size_t at = 0; at < squares.size(); ++at) {
    CHECK(squares[at] == at * at);
  }
  CHECK(Errands<int>::run(
            hangs, 0, [](std::size_t) { return 1; }, job)
            .empty());
  CHECK(hangs.all().empty());
}

TEST_CASE("an errand that does not come back costs its own result") {
  const auto gate = std::make_shared<Gate>();
  const Opened opened(gate);
  Hangs hangs({}, kShort);
  const auto results = Errands<std::string>::run(
      hangs,
      6,
      [gate](std::size_t at) {
        if (at == 1 || at == 4) {
          gate->wait();
        }
        return std::to_string(at);
      },
      job);
  REQUIRE(results.size() == 6);
  for (std::size_t at = 0; at < results.size(); ++at) {
    INFO(at);
    CHECK(results[at].has_value() == (at != 1 && at != 4));
  }
  const auto found = hangs.found();
  REQUIRE(found.size() == 2);
  CHECK(found[0].path == "1");
  CHECK(found[1].path == "4");
  CHECK(found[0].thread > Pid(0));
  CHECK(found[0].thread != found[1].thread);
  CHECK(hangs.has("job", "4"));
  CHECK_FALSE(hangs.has("job", "3"));
}

TEST_CASE("errands that all hang are not tried for ever") {
  const auto gate = std::make_shared<Gate>();
  const Opened opened(gate);
  Hangs hangs({}, {milliseconds(50), milliseconds(20), milliseconds(200)});
  const auto results = Errands<int>::run(
      hangs,
      1000,
      [gate](std::size_t) {
        gate->wait();
        return 1;
      },
      job);
  CHECK(std::count(results.begin(), results.end(), std::nullopt) == 1000);
  CHECK(gate->inside >= 2);
  CHECK(gate->inside < 200);
}

}  // namespace sockwitness::recorder
