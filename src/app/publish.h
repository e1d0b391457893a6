// Making an image fit for those who are not its owner.
#pragma once

#include <optional>
#include <string>

#include "base/random.h"
#include "domain/image.h"
#include "ports/database.h"

namespace tintype::app {

// For the unit of work that makes an image public or shares it: orders the copy that others get instead of the original
// (domain/rendition.h), unless there is one or it is being made. Answers the job's id if one was inserted: then whoever
// commits it notifies kBackgroundTopic. Who asks for the copy before it is there has it made at once.
Result<std::optional<std::string>> publish(Transaction& transaction, const Image& image, Random& random, UnixMs now_ms);

}  // namespace tintype::app
