#include "engine/remote/breaker.h"

namespace tintype::engine {

bool Breaker::lets_pass() const {
  const std::lock_guard lock(mutex_);
  return may_pass();
}

bool Breaker::enter() {
  const std::lock_guard lock(mutex_);
  if (!may_pass()) return false;
  is_probing_ = failures_ >= rules_.failures_max;
  return true;
}

void Breaker::succeeded() {
  const std::lock_guard lock(mutex_);
  failures_ = 0;
  is_probing_ = false;
}

void Breaker::failed() {
  const std::lock_guard lock(mutex_);
  is_probing_ = false;
  if (failures_ < rules_.failures_max) ++failures_;
  if (failures_ == rules_.failures_max) probe_at_ms_ = clock_.now_ms() + rules_.open_ms;
}

void Breaker::left() {
  const std::lock_guard lock(mutex_);
  is_probing_ = false;
}

}  // namespace tintype::engine
