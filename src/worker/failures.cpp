#include "worker/failures.h"

#include <algorithm>
#include <array>

#include "ports/image_engine.h"
#include "ports/provider.h"

namespace tintype::worker {

namespace {

struct KnownCause {
  std::string_view code;  // what the cause begins with, and what the caller is told
  app::FailureKind kind;
  const char* message = nullptr;  // in place of the error's own
};

constexpr std::array kKnownCauses = {
    KnownCause{kUrlNotAllowed, app::FailureKind::kFinal},
    KnownCause{kSourceUnreachable, app::FailureKind::kTransient},
    KnownCause{kSourceTooLarge, app::FailureKind::kFinal},
    KnownCause{kSourceNotAnImage, app::FailureKind::kFinal},
    KnownCause{kPictureTooLarge, app::FailureKind::kFinal},
    KnownCause{kPictureMoves, app::FailureKind::kFinal},
    KnownCause{kResultTooLarge, app::FailureKind::kFinal},
    KnownCause{kFidelityTooLow, app::FailureKind::kFinal},
    KnownCause{kNothingChanged, app::FailureKind::kFinal},
    KnownCause{kModelMissing, app::FailureKind::kFinal, "The model of this job is not installed any more"},
    // What may go well at a provider a little later has been tried again by then, and each try may cost money.
    KnownCause{kProviderUnavailable, app::FailureKind::kFinal},
    KnownCause{kProviderTimeout, app::FailureKind::kFinal},
    KnownCause{kProviderRefused, app::FailureKind::kFinal},
    KnownCause{kProviderFailed, app::FailureKind::kFinal},
    KnownCause{kProviderDeclined, app::FailureKind::kFinal},
    KnownCause{kProviderGarbled, app::FailureKind::kFinal},
    KnownCause{kProviderRejected, app::FailureKind::kFinal},
    KnownCause{kSpendingReached, app::FailureKind::kFinal},
    // The engine has tried in single precision by then.
    KnownCause{kResultRejected, app::FailureKind::kFinal, "The result was no faithful picture"},
};

const KnownCause* known_cause(const Error& error) {
  const auto found =
      std::ranges::find_if(kKnownCauses, [&](const KnownCause& known) { return error.cause.starts_with(known.code); });
  return found == kKnownCauses.end() ? nullptr : &*found;
}

bool is_about_the_picture(ErrorCode code) {
  return code == ErrorCode::kInvalidInput || code == ErrorCode::kUnsupportedMediaType ||
         code == ErrorCode::kFileTooLarge;
}

}  // namespace

JobFailure failure_of(const Error& error) {
  if (const KnownCause* known = known_cause(error)) {
    return {std::string(known->code), known->message != nullptr ? known->message : error.message};
  }
  if (is_about_the_picture(error.code)) return {"IMAGE_DAMAGED", error.message};
  if (error.code == ErrorCode::kNotFound) return {"IMAGE_MISSING", error.message};
  return {"ENGINE_FAILED", "The picture could not be processed"};
}

app::FailureKind kind_of(const Error& error) {
  if (const KnownCause* known = known_cause(error)) return known->kind;
  const bool final = is_about_the_picture(error.code) || error.code == ErrorCode::kNotFound;
  return final ? app::FailureKind::kFinal : app::FailureKind::kTransient;
}

}  // namespace tintype::worker
