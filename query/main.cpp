// sockwitness: every question to the recorded history.

#include <span>

#include "query/app/run.h"

int main(int argc, char** argv) {
  return sockwitness::query::run(std::span<char*>(argv, static_cast<std::size_t>(argc)));
}
