#include "base/side_threads.h"

namespace tintype {

struct SideThreads::Task::State {
  enum Step : int { kIdle, kOffered, kRunning, kDone };
  explicit State(std::function<void()> function) : work(std::move(function)) {}

  // False when somebody else has it, or nobody may.
  bool take() {
    int offered = kOffered;
    return step.compare_exchange_strong(offered, kRunning);
  }

  std::function<void()> work;
  std::atomic<int> step{kIdle};
};

SideThreads::SideThreads(int count) {
  for (int at = 0; at < count; ++at) threads_.emplace_back([this] { run(); });
}

SideThreads::~SideThreads() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  offered_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void SideThreads::run() {
  while (true) {
    std::shared_ptr<Task::State> state;
    {
      std::unique_lock lock(mutex_);
      offered_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
      if (stopped_) return;
      state = std::move(queue_.front());
      queue_.pop_front();
    }
    // What its owner has done himself, and perhaps offered again since, is all the same: the state says what is due.
    if (!state->take()) continue;
    state->work();
    state->step.store(Task::State::kDone);
    state->step.notify_one();
  }
}

SideThreads::Task::Task(SideThreads& threads, std::function<void()> work)
    : threads_(threads), state_(std::make_shared<State>(std::move(work))) {}

void SideThreads::Task::begin() {
  state_->step.store(State::kOffered);
  {
    std::lock_guard lock(threads_.mutex_);
    // More waiting than there are threads would only be found done.
    if (threads_.queue_.size() >= threads_.threads_.size()) return;
    threads_.queue_.push_back(state_);
  }
  threads_.offered_.notify_one();
}

void SideThreads::Task::finish() {
  if (state_->take()) {
    state_->work();
  } else {
    while (state_->step.load() == State::kRunning) state_->step.wait(State::kRunning);
  }
  state_->step.store(State::kIdle);
}

}  // namespace tintype
