// A few threads that take work off whoever has something else to do meanwhile. Work that none of them has begun by the
// time it is needed is done by its owner: where all are busy nothing is lost but a hand-over, and nothing waits in
// line.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace tintype {

class SideThreads {
 public:
  explicit SideThreads(int count);
  ~SideThreads();
  SideThreads(const SideThreads&) = delete;
  SideThreads& operator=(const SideThreads&) = delete;

  // One piece of work at a time, done again and again. Its owner calls begin() and finish() by turns, from one thread
  // at a time, and keeps what `work` uses until finish() has come back. Ends with finish().
  class Task {
   public:
    Task(SideThreads& threads, std::function<void()> work);  // `work` throws nothing
    ~Task() { finish(); }
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;
    void begin();
    void finish();  // afterwards it is done; nothing when it was not begun

   private:
    friend class SideThreads;
    struct State;
    SideThreads& threads_;
    std::shared_ptr<State> state_;
  };

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable offered_;
  std::deque<std::shared_ptr<Task::State>> queue_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tintype
