// Readings that did not come back: of this run, and of earlier ones that still wait in the kernel.
//
// In:    who waits, and for what; how long one may be waited for.
// Out:   what is not to be tried again; how much patience is left.
// Never: asks what it names: a file system that stopped answering would not answer that either. Its
//        own root is never taken for one: what runs from there would not run.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/base/time.h"
#include "schema/model/ids.h"

namespace sockwitness::recorder {

struct Hang {
  // The thread that waits; its process cannot end before it.
  schema::Pid process;
  schema::Pid thread;
  schema::BootTime thread_start;
  schema::WallTime since;

  // What it waits for: the word of a step of a process's reading, or one of the others.
  std::string what;
  std::optional<schema::Pid> pid;  // the process that was read
  schema::BootTime pid_start;      // 0: not known
  schema::Device device;           // the file system; 0: not known
  schema::Inode inode;             // "packages": the root directory on that device
  std::string path;                // "namespace": where it has its name

  friend bool operator==(const Hang&, const Hang&) = default;
};

// The others.
inline constexpr std::string_view kPackagesHang = "packages";
inline constexpr std::string_view kNamespaceHang = "namespace";
inline constexpr std::string_view kContextHang = "context";
inline constexpr std::string_view kAccountsHang = "accounts";
inline constexpr std::string_view kMembersHang = "members";
inline constexpr std::string_view kContainersHang = "containers";

struct PatienceLimits {
  std::chrono::milliseconds first{2000};   // for one reading
  std::chrono::milliseconds later{250};    // once two of this run have hung
  std::chrono::milliseconds budget{5000};  // after the first that hung nothing is tried that may
};

// Thread-safe.
class Hangs {
 public:
  // `earlier`: those that were left behind and still wait.
  explicit Hangs(std::vector<Hang> earlier = {}, PatienceLimits limits = {});

  // No device of this number is taken for one that stopped answering.
  void set_own_root(schema::Device device);

  // How long the reading that comes next may take; 0: it is not to be tried.
  [[nodiscard]] std::chrono::milliseconds patience() const;
  // The same for one that is under way.
  [[nodiscard]] std::chrono::milliseconds patience_under_way() const;

  void add(Hang hang);

  // Grows while the run gets on, for whoever waits for all of it.
  void tick() { ticks_.fetch_add(1, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t ticks() const { return ticks_.load(std::memory_order_relaxed); }

  // What is known to hang. All of them are quick as long as nothing does.
  [[nodiscard]] bool any() const { return any_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool has_device(schema::Device device) const;
  [[nodiscard]] bool has_packages(schema::Device device, schema::Inode inode) const;
  [[nodiscard]] bool has(std::string_view what, std::string_view path = {}) const;
  // Those that wait for something of this process, perhaps of another one with its number.
  [[nodiscard]] std::vector<Hang> of_process(schema::Pid pid) const;
  // Whether this process is one that was left behind.
  [[nodiscard]] bool is_ours(schema::Pid process) const;

  // Of this run.
  [[nodiscard]] std::vector<Hang> found() const;
  [[nodiscard]] std::vector<Hang> all() const;

 private:
  template <class Wanted>
  bool any_of(Wanted wanted) const;

  PatienceLimits limits_;
  std::atomic<bool> any_{false};
  std::atomic<std::uint64_t> ticks_{0};
  mutable std::mutex mutex_;
  std::vector<Hang> hangs_;  // under mutex_; the earlier ones first
  std::size_t earlier_ = 0;
  schema::Device own_root_;
  std::optional<std::chrono::steady_clock::time_point> first_;
};

}  // namespace sockwitness::recorder
