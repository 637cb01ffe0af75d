// sockwitness-recorder: the only writer.

#include <span>

#include "recorder/app/run.h"

int main(int argc, char** argv) {
  return sockwitness::recorder::run(std::span<char*>(argv, static_cast<std::size_t>(argc)));
}
