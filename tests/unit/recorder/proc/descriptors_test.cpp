#include "recorder/proc/descriptors.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

#include "recorder/os/dir.h"
#include "recorder/os/unique_fd.h"
#include "tests/unit/recorder/proc/fake_host.h"

namespace sockwitness::recorder {
namespace {

// Descriptors of this very process at numbers of our choice.
class Table {
 public:
  ~Table() { clear(); }
  void put(int number) {
    if (::fcntl(number, F_GETFD) >= 0) {
      return;  // somebody else's
    }
    UniqueFd made;
    switch (number % 4) {
      case 0:
        made = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        break;
      case 1:
        made = UniqueFd(::open("/etc/passwd", O_RDONLY | O_CLOEXEC));
        break;
      case 2:
        made = UniqueFd(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
        break;
      default:
        made = UniqueFd(::open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
        if (!made.valid()) {
          made = UniqueFd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        }
    }
    REQUIRE(made.valid());
    if (made.get() == number) {
      numbers_.push_back(made.release());
      return;
    }
    REQUIRE(::dup3(made.get(), number, O_CLOEXEC) == number);
    numbers_.push_back(number);
  }
  void take(std::size_t position) {
    ::close(numbers_[position]);
    numbers_.erase(numbers_.begin() + static_cast<std::ptrdiff_t>(position));
  }
  void clear() {
    while (!numbers_.empty()) {
      take(numbers_.size() - 1);
    }
  }
  [[nodiscard]] std::size_t size() const { return numbers_.size(); }

 private:
  std::vector<int> numbers_;
};

bool same(const schema::Descriptor& left, const schema::Descriptor& right) {
  return left.fd == right.fd && left.kind == right.kind && left.inode == right.inode &&
         left.device == right.device && left.number == right.number && left.target == right.target;
}

void require_equal(int process) {
  const auto listed = read_descriptors(process, DescriptorOrder::Listed);
  const auto by_number = read_descriptors(process, DescriptorOrder::ByNumber);
  REQUIRE(listed);
  REQUIRE(by_number);
  REQUIRE(by_number.value().sockets == listed.value().sockets);
  REQUIRE(by_number.value().namespaces == listed.value().namespaces);
  REQUIRE(by_number.value().incomplete == listed.value().incomplete);
  const auto& joints = by_number.value().joints;
  REQUIRE(joints.size() == listed.value().joints.size());
  REQUIRE(std::equal(joints.begin(), joints.end(), listed.value().joints.begin(), same));
}

}  // namespace

TEST_CASE("descriptors read by number are those that are listed") {
  const UniqueFd proc(::open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
  const UniqueFd self(::open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC));
  REQUIRE(find_descriptor_order(proc.get()) == DescriptorOrder::ByNumber);
  std::mt19937 engine(1);
  Table table;
  std::size_t most = 0;
  for (const int range : {12, 16, 20, 60, 600}) {
    for (int tried = 0; tried < 60; ++tried) {
      // Dense ones, with holes, and with a few far away.
      const auto density = engine() % 5;
      for (int number = 3; number < range; ++number) {
        if (density != 0 && engine() % (density * density) == 0) {
          table.put(number);
        }
      }
      if (engine() % 2 == 0) {
        table.put(range + 100);
      }
      most = std::max(most, table.size());
      require_equal(self.get());
      while (table.size() > 0 && engine() % 3 != 0) {
        table.take(engine() % table.size());
        require_equal(self.get());
      }
      table.clear();
    }
  }
  CHECK(most > 300);
}

TEST_CASE("a change of the table is seen with the next reading, wherever it is") {
  const UniqueFd self(::open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC));
  Table table;
  for (int number = 3; number < 30; ++number) {
    table.put(number);
  }
  for (const int number : {40, 500, 64}) {
    const UniqueFd made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto before = read_descriptors(self.get(), DescriptorOrder::ByNumber);
    REQUIRE(::dup3(made.get(), number, O_CLOEXEC) == number);
    const auto with = read_descriptors(self.get(), DescriptorOrder::ByNumber);
    ::close(number);
    const auto after = read_descriptors(self.get(), DescriptorOrder::ByNumber);
    REQUIRE((before && with && after));
    CHECK(with.value().sockets.size() == before.value().sockets.size() + 1);
    CHECK(with.value().sockets.back().first == schema::Fd(number));
    CHECK(after.value().sockets == before.value().sockets);
  }
}

// A folder that is no procfs is listed: elsewhere a place in a list is no number.
TEST_CASE("descriptors are read by number only where the kernel lists them so") {
  const FakeHost host;
  const UniqueFd proc(::open(host.proc().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  CHECK(find_descriptor_order(proc.get()) == DescriptorOrder::Listed);
  const UniqueFd sys(::open("/sys", O_PATH | O_DIRECTORY | O_CLOEXEC));
  CHECK(find_descriptor_order(sys.get()) == DescriptorOrder::Listed);
}

}  // namespace sockwitness::recorder
