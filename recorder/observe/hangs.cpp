#include "recorder/observe/hangs.h"

#include <algorithm>
#include <iterator>

namespace sockwitness::recorder {

using std::chrono::milliseconds;

Hangs::Hangs(std::vector<Hang> earlier, PatienceLimits limits)
    : limits_(limits), any_(!earlier.empty()), hangs_(std::move(earlier)), earlier_(hangs_.size()) {
}

void Hangs::set_own_root(schema::Device device) {
  const std::scoped_lock lock(mutex_);
  own_root_ = device;
}

milliseconds Hangs::patience() const {
  if (!any()) {
    return limits_.first;
  }
  const std::scoped_lock lock(mutex_);
  if (first_ && std::chrono::steady_clock::now() - *first_ > limits_.budget) {
    return milliseconds(0);
  }
  constexpr std::size_t kFew = 2;
  return hangs_.size() - earlier_ < kFew ? limits_.first : limits_.later;
}

milliseconds Hangs::patience_under_way() const {
  const milliseconds left = patience();
  return left.count() == 0 ? limits_.later : left;
}

void Hangs::add(Hang hang) {
  const std::scoped_lock lock(mutex_);
  if (hang.device == own_root_ && hang.what != kPackagesHang) {
    hang.device = {};
  }
  hangs_.push_back(std::move(hang));
  if (!first_) {
    first_ = std::chrono::steady_clock::now();
  }
  any_ = true;
}

template <class Wanted>
bool Hangs::any_of(Wanted wanted) const {
  if (!any()) {
    return false;
  }
  const std::scoped_lock lock(mutex_);
  return std::any_of(hangs_.begin(), hangs_.end(), wanted);
}

bool Hangs::has_device(schema::Device device) const {
  return any_of([&](const Hang& hang) {
    return device != schema::Device() && hang.device == device && hang.what != kPackagesHang;
  });
}

bool Hangs::has_packages(schema::Device device, schema::Inode inode) const {
  return any_of([&](const Hang& hang) {
    return hang.what == kPackagesHang && hang.device == device && hang.inode == inode;
  });
}

bool Hangs::has(std::string_view what, std::string_view path) const {
  return any_of([&](const Hang& hang) { return hang.what == what && hang.path == path; });
}

std::vector<Hang> Hangs::of_process(schema::Pid pid) const {
  std::vector<Hang> found;
  if (any()) {
    const std::scoped_lock lock(mutex_);
    std::copy_if(hangs_.begin(), hangs_.end(), std::back_inserter(found), [&](const Hang& hang) {
      return hang.pid == pid;
    });
  }
  return found;
}

bool Hangs::is_ours(schema::Pid process) const {
  return any_of([&](const Hang& hang) { return hang.process == process; });
}

std::vector<Hang> Hangs::found() const {
  const std::scoped_lock lock(mutex_);
  return {hangs_.begin() + static_cast<std::ptrdiff_t>(earlier_), hangs_.end()};
}

std::vector<Hang> Hangs::all() const {
  const std::scoped_lock lock(mutex_);
  return hangs_;
}

}  // namespace sockwitness::recorder
