// A process of the recorder's own that shares its memory, and nothing else, for work that may never
// come back from the kernel: whoever reads a file whose server stopped answering cannot be killed,
// and a process with such a thread cannot end. Whoever waits for the recorder then waits, too; for
// this process nobody does.
//
// In:    the work.
// Out:   what the work left in memory; whether it is done, or its process has ended without it.
// Never: keeps the recorder from ending, or holds a descriptor, a lock, a terminal or a working
//        directory that it had. Descriptors that the work opens are the work's: no other thread
//        can use them, and none may close them.
//
// A fork was rejected: what was read would have to be written down, sent and read again, and the
// kernel copies each page that either of the two changes. The process is made of threads like any
// other; only their thread group is another one, so that they end, or do not, by themselves. Its
// first one lends the thread-local memory of a thread of the recorder that waits for it. Where that
// thread is to be had, and no process, that thread does the work: then it may keep the recorder
// from ending. Where there is not even the thread nothing is done.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace sockwitness::recorder {

class HelperProcess {
 public:
  // What the work is told, and may say.
  class Desk {
   public:
    virtual ~Desk() = default;
    // In a process of its own, whose parent is the recorder.
    [[nodiscard]] virtual bool apart() const = 0;
    // What is wanted is there. What follows is tidying up, for which nobody waits.
    virtual void done() = 0;
  };
  using Work = std::function<void(Desk& desk)>;

  // Returns at once; throws schema::Error (Unusable) where no thread can be started. What the work
  // refers to must live as long as the work, which may be longer than this object. The work must
  // not throw.
  explicit HelperProcess(Work work);
  HelperProcess(const HelperProcess&) = delete;
  HelperProcess& operator=(const HelperProcess&) = delete;
  // Gives one that is done a moment to end, so that it is nobody's zombie; waits for nothing else.
  ~HelperProcess();

  enum class State { Working, Done, Gone };
  // Working: it is not done yet. Gone: its process has ended, and not because the work was done.
  // Once Gone, memory that the work used may be locked for ever: leave it alone.
  [[nodiscard]] State wait(std::chrono::milliseconds at_most) const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace sockwitness::recorder
