// A descriptor that is closed when its owner ends, and what every writer to one does.
//
// In:    what open(2) and its like gave, also -1.
// Out:   the number; whether all was written; the reason for people.
// Never: closes one twice, or takes a part that was written for the whole.
#pragma once

#include <string>
#include <string_view>

namespace sockwitness::query {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();
  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

// False: errno says why, and a part may be written.
[[nodiscard]] bool write_whole(int descriptor, std::string_view text);
// "No space left on device"
[[nodiscard]] std::string reason_of(int error_number);

}  // namespace sockwitness::query
