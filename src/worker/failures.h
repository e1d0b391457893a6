// What a failed attempt means for its job, and what its caller is told.
#pragma once

#include <string_view>

#include "app/work.h"
#include "base/error.h"
#include "domain/job.h"

namespace tintype::worker {

// What a failure's private cause begins with where fetching the job's picture failed; those of the engine stand in
// ports/image_engine.h.
inline constexpr std::string_view kUrlNotAllowed = "URL_NOT_ALLOWED";
inline constexpr std::string_view kSourceUnreachable = "SOURCE_UNREACHABLE";
inline constexpr std::string_view kSourceTooLarge = "SOURCE_TOO_LARGE";
inline constexpr std::string_view kSourceNotAnImage = "SOURCE_NOT_AN_IMAGE";

JobFailure failure_of(const Error& error);
// Whether another attempt may end differently.
app::FailureKind kind_of(const Error& error);

}  // namespace tintype::worker
