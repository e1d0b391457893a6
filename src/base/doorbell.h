// Wakes a thread that waits in poll(2).
#pragma once

namespace tintype {

class Doorbell {
 public:
  Doorbell();  // throws std::system_error when there is no descriptor left
  ~Doorbell();
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  // From any thread. However often it rings, it is silenced once.
  void ring();
  void silence();
  int descriptor() const { return descriptor_; }  // readable while it rings

 private:
  int descriptor_;
};

}  // namespace tintype
