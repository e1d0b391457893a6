// What the messages to users' servers say, in the words of the surface that a job came by.
#pragma once

#include <string>

#include "base/clock.h"
#include "domain/job.h"
#include "domain/job_call.h"
#include "domain/webhook.h"

namespace tintype {

class WebhookBodies {
 public:
  virtual ~WebhookBodies() = default;
  // The exact bytes that are sent: JSON that JavaScript makes again of what it has read. Does no I/O. Thread-safe.
  virtual std::string of_job(const Job& job, const JobCall& call, WebhookEvent event, UnixMs now_ms) const = 0;
  virtual std::string of_ping(const WebhookEndpoint& endpoint, UnixMs now_ms) const = 0;
};

}  // namespace tintype
