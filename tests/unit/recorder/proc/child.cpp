#include "tests/unit/recorder/proc/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

namespace sockwitness::recorder {

Child::Child(const std::function<bool()>& work) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return;
  }
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(ends[0]);
    const char done = work() ? 'y' : 'n';
    const bool told = ::write(ends[1], &done, 1) == 1;
    ::close(ends[1]);
    while (told) {
      ::pause();
    }
    ::_exit(1);
  }
  ::close(ends[1]);
  char done = 'n';
  ready_ = ::read(ends[0], &done, 1) == 1 && done == 'y';
  ::close(ends[0]);
}

Child::Child(int program, const std::vector<std::string>& arguments) {
  std::vector<char*> texts;
  for (const auto& argument : arguments) {
    texts.push_back(const_cast<char*>(argument.c_str()));
  }
  texts.push_back(nullptr);
  std::array<char*, 1> environment{nullptr};
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return;
  }
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(ends[0]);
    ::syscall(SYS_execveat, program, "", texts.data(), environment.data(), AT_EMPTY_PATH);
    const char failed = 'n';
    ::_exit(::write(ends[1], &failed, 1) == 1 ? 1 : 2);
  }
  ::close(ends[1]);
  char failed = 0;
  ready_ = ::read(ends[0], &failed, 1) == 0;  // closed by exec
  ::close(ends[0]);
}

Child::~Child() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

}  // namespace sockwitness::recorder
