#include "domain/batch.h"

namespace tintype {

const char* batch_state_name(BatchState state) {
  switch (state) {
    case BatchState::kOpen: return "open";
    case BatchState::kStarted: return "started";
    case BatchState::kCancelled: return "cancelled";
  }
  return "open";
}

std::optional<BatchState> parse_batch_state(const std::string& name) {
  for (const BatchState state : {BatchState::kOpen, BatchState::kStarted, BatchState::kCancelled}) {
    if (name == batch_state_name(state)) return state;
  }
  return std::nullopt;
}

}  // namespace tintype
