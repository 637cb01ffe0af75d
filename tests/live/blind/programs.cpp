#include "tests/live/blind/programs.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <span>

#include "query/app/run.h"
#include "recorder/app/run.h"

namespace sockwitness::test {
namespace {

std::string take_content(int file) {
  std::string content(static_cast<std::size_t>(::lseek(file, 0, SEEK_END)), '\0');
  std::size_t at = 0;
  while (at < content.size()) {
    const ssize_t got =
        ::pread(file, content.data() + at, content.size() - at, static_cast<off_t>(at));
    if (got <= 0) {
      break;
    }
    at += static_cast<std::size_t>(got);
  }
  content.resize(at);
  return content;
}

Answer call(std::string name, std::vector<std::string> words, int (*run)(std::span<char*>)) {
  words.insert(words.begin(), std::move(name));
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  Answer answer;
  std::array<int, 2> kept{};
  std::array<int, 2> files{};
  for (int at = 0; at < 2; ++at) {
    const auto place = static_cast<std::size_t>(at);
    kept[place] = ::dup(at + 1);
    files[place] = ::memfd_create("answer", MFD_CLOEXEC);
    ::dup2(files[place], at + 1);
  }
  answer.code = run(std::span(arguments));
  for (int at = 0; at < 2; ++at) {
    const auto place = static_cast<std::size_t>(at);
    ::dup2(kept[place], at + 1);
    ::close(kept[place]);
    (at == 0 ? answer.out : answer.err) = take_content(files[place]);
    ::close(files[place]);
  }
  return answer;
}

}  // namespace

Answer ask(std::vector<std::string> words) {
  return call("sockwitness", std::move(words), query::run);
}

Answer record(std::vector<std::string> words) {
  return call("sockwitness-recorder", std::move(words), recorder::run);
}

}  // namespace sockwitness::test
