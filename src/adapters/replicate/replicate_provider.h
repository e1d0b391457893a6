// Predictions of Replicate (https://replicate.com/docs/reference/http).
#pragma once

#include "adapters/provider_calls/provider_calls.h"
#include "ports/egress.h"
#include "ports/notifier.h"
#include "ports/outbound_http.h"
#include "ports/provider.h"

namespace tintype {

struct ReplicateOptions {
  ProviderAccount account;
  ProviderCallRules calls;
  std::string webhook_url;                    // where predictions report that they have ended; empty: nowhere
  std::chrono::milliseconds poll_first{500};  // between looks at a prediction; grows
  std::chrono::milliseconds poll_max{5'000};
  std::chrono::milliseconds cancel_timeout{5'000};
};

// A model is OWNER/NAME, or OWNER/NAME:VERSION for one that has no official version. Settings of an assignment rename
// inputs (`image=input_image`; `image=image_input[]` for a list; nothing behind the sign leaves one out), and all
// others are inputs as they stand; see input.h.
class ReplicateProvider final : public Provider {
 public:
  ReplicateProvider(OutboundHttp& http, Egress& egress, Notifier& notifier, ReplicateOptions options,
                    ProviderPause pause = pause_for);

  // Where predictions report to, once it is known. Only before the first run.
  void set_webhook_url(std::string url) { options_.webhook_url = std::move(url); }

  bool takes(OperationKind operation) const override;
  bool meant_by_alpha() const override { return false; }
  Result<void> run(const ProviderRequest& request, RunControl& control) override;

 private:
  struct Prediction;
  Result<std::string> uploaded(const std::filesystem::path& file, const char* media_type, const Deadline& deadline,
                               const std::atomic<bool>& cancel);
  Result<Prediction> create(const ProviderRequest& request, const Deadline& deadline, const std::atomic<bool>& cancel);
  Result<Prediction> read(const std::string& id, const Deadline& deadline, const std::atomic<bool>& cancel);
  Result<Prediction> wait_for(Prediction prediction, const Deadline& deadline, RunControl& control);
  void cancel(const std::string& id);
  Result<std::string> output_of(const Prediction& prediction) const;

  ReplicateOptions options_;
  Notifier& notifier_;
  ProviderCalls calls_;
};

}  // namespace tintype
