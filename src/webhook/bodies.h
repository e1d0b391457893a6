// What the messages say: a body for each surface, in its own words.
#pragma once

#include "ports/url_signer.h"
#include "ports/webhook_bodies.h"

namespace tintype::webhook {

// How long the URL of a result in a message holds: the most that AWS Signature Version 4 allows, and more than the
// whole schedule of attempts takes.
inline constexpr std::int64_t kResultUrlMs = 7LL * 24 * 3'600 * 1'000;

class Bodies final : public WebhookBodies {
 public:
  explicit Bodies(const UrlSigner& urls) : urls_(urls) {}
  std::string of_job(const Job& job, const JobCall& call, WebhookEvent event, UnixMs now_ms) const override;
  std::string of_ping(const WebhookEndpoint& endpoint, UnixMs now_ms) const override;

 private:
  std::string for_upscale(const Job& job, const JobCall& call, WebhookEvent event, UnixMs now_ms) const;
  std::string for_studio(const Job& job, WebhookEvent event, UnixMs now_ms) const;

  const UrlSigner& urls_;
};

}  // namespace tintype::webhook
