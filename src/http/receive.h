// Takes what a peer has sent from its socket in a pool thread, where it is hashed and written at once: the bytes stay
// in the processor's cache, a body of any length needs no more memory than one buffer a thread, and as many bodies move
// at once as there are threads.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "base/function_ref.h"

namespace tintype::http {

struct Received {
  std::int64_t bytes = 0;
  bool ended = false;  // the peer is gone; not at the end of what was asked for
  Result<void> taken;  // the first error of `take`, which ends it
};

// Hands on what is there, up to `bytes_max`, and waits for nothing. Bytes stay as they are until the next `take` has
// come back; at the end, whoever still works on them has to be done before this thread receives again.
Received receive_available(int socket, std::int64_t bytes_max, FunctionRef<Result<void>(std::string_view)> take);

}  // namespace tintype::http
