// From a run of ours to what a provider is asked.
#pragma once

#include "engine/remote/assignment.h"
#include "ports/provider.h"

namespace tintype::engine {

// Whether such a run may leave this machine; some wishes only the engine here understands.
bool may_leave(const RunRequest& request);

// All but files. Operations without a user's words are put into ours, for models that edit by instruction.
// kInvalidInput as studio_parameters().
Result<ProviderRequest> asked_of(const RunRequest& request, const Assignment& assignment);

}  // namespace tintype::engine
