// Somebody else's machines that make pictures. What is asked for comes in plain words and files, so that an adapter
// knows its provider's protocol alone; what to ask, what it may cost and what becomes of the answer is the engine's.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/operation.h"
#include "domain/studio_operation.h"
#include "domain/variant.h"
#include "ports/image_engine.h"

namespace tintype {

// What a failure's private cause begins with where a provider is why. What may be tried again has been by then.
inline constexpr std::string_view kProviderUnavailable = "PROVIDER_UNAVAILABLE";   // unreachable, busy or broken
inline constexpr std::string_view kProviderTimeout = "PROVIDER_TIMEOUT";           // it took longer than it may
inline constexpr std::string_view kProviderRefused = "CONTENT_REFUSED";            // it will not make such a picture
inline constexpr std::string_view kProviderFailed = "PROVIDER_FAILED";             // it could not make this one
inline constexpr std::string_view kProviderDeclined = "PROVIDER_REQUEST_INVALID";  // it does not take such a request
inline constexpr std::string_view kProviderGarbled = "PROVIDER_ANSWER_INVALID";    // what it answers is no use
inline constexpr std::string_view kProviderRejected = "PROVIDER_REJECTED";   // it does not take our key, model or money
inline constexpr std::string_view kSpendingReached = "DAILY_SPEND_REACHED";  // of the operator's cap

// Wakes who waits for what a provider makes under this id of its own; see ports/notifier.h.
inline std::string prediction_topic(std::string_view id) {
  return "prediction:" + std::string(id);
}

// What the operator says of calls for an operation beside the model: names and values in the provider's own words.
using ProviderSettings = std::vector<std::pair<std::string, std::string>>;

struct ProviderRequest {
  OperationKind operation = OperationKind::kGenerate;
  std::string model;
  ProviderSettings settings;
  std::string prompt;           // never empty: an operation without words of a user's is told in ours
  std::string negative_prompt;  // empty: nothing
  std::optional<std::uint32_t> seed;
  std::optional<double> strength;  // of the style, kFluxLora
  std::optional<int> scale;        // of each side, kUpscale
  WantedSides sides;               // a hint: the result is brought to them afterwards
  bool wants_alpha = false;        // nothing but the subject
  std::filesystem::path picture;   // JPEG, or PNG where it has alpha; empty where the operation takes none
  ImageFormat picture_format = ImageFormat::kJpeg;
  Extent picture_sides;
  std::filesystem::path mask;    // PNG of the picture's sides, see Provider::meant_by_alpha(); empty: there is none
  std::filesystem::path output;  // where the file goes that the provider made, as it is
};

class Provider {
 public:
  virtual ~Provider() = default;
  virtual bool takes(OperationKind operation) const = 0;
  // How masks mark what is meant: by no alpha at all, or else by white.
  virtual bool meant_by_alpha() const = 0;
  // Asks and waits until the file is there. Retries by itself what may go well a little later, within its own bounds.
  // Blocks, hears a cancel within 200 ms, and tells the provider of it. Failures as above, or kCancelled; texts for
  // users say nothing of keys, accounts or addresses.
  virtual Result<void> run(const ProviderRequest& request, RunControl& control) = 0;
};

}  // namespace tintype
