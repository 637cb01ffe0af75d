#include "recorder/os/unique_fd.h"

#include <fcntl.h>

#include <array>
#include <utility>

#include <catch2/catch.hpp>

using sockwitness::recorder::UniqueFd;

namespace {

int open_null() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}
bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) != -1;
}

}  // namespace

TEST_CASE("destruction closes") {
  const int fd = open_null();
  { const UniqueFd owner(fd); }
  CHECK_FALSE(is_open(fd));
}

TEST_CASE("an empty owner is not valid and closes nothing") {
  const UniqueFd owner;
  CHECK_FALSE(owner.valid());
  CHECK(owner.get() == -1);
}

TEST_CASE("move construction hands the descriptor over") {
  const int fd = open_null();
  UniqueFd first(fd);
  {
    const UniqueFd second(std::move(first));
    CHECK(second.get() == fd);
    CHECK_FALSE(first.valid());  // NOLINT(bugprone-use-after-move): its state is the test
    CHECK(is_open(fd));
  }
  CHECK_FALSE(is_open(fd));
}

TEST_CASE("move assignment onto an open descriptor closes that one") {
  const int kept = open_null();
  const int closed = open_null();
  UniqueFd source(kept);
  UniqueFd target(closed);
  target = std::move(source);
  CHECK(target.get() == kept);
  CHECK(is_open(kept));
  CHECK_FALSE(is_open(closed));
  CHECK_FALSE(source.valid());  // NOLINT(bugprone-use-after-move): its state is the test
}

TEST_CASE("self-move keeps the descriptor open") {
  const int fd = open_null();
  UniqueFd owner(fd);
  UniqueFd& alias = owner;
  owner = std::move(alias);
  CHECK(owner.get() == fd);
  CHECK(is_open(fd));
}

TEST_CASE("release gives the descriptor away") {
  const int fd = open_null();
  int released = -1;
  {
    UniqueFd owner(fd);
    released = owner.release();
    CHECK_FALSE(owner.valid());
  }
  CHECK(released == fd);
  CHECK(is_open(fd));
  ::close(fd);
}

TEST_CASE("reset replaces and closes") {
  const int first = open_null();
  const int second = open_null();
  UniqueFd owner(first);
  owner.reset(second);
  CHECK_FALSE(is_open(first));
  CHECK(owner.get() == second);
  owner.reset();
  CHECK_FALSE(is_open(second));
}
