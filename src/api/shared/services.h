// What the surfaces are given to work with. Made once by cmd/compose.cpp; outlives the server.
#pragma once

#include <string>

#include "app/accounts.h"
#include "app/activity.h"
#include "app/administration.h"
#include "app/albums.h"
#include "app/api_keys.h"
#include "app/batches.h"
#include "app/call_limits.h"
#include "app/deliveries.h"
#include "app/images.h"
#include "app/jobs.h"
#include "app/library.h"
#include "app/models.h"
#include "app/previews.h"
#include "app/purchases.h"
#include "app/queue.h"
#include "app/receipts.h"
#include "app/renditions.h"
#include "app/searches.h"
#include "app/shares.h"
#include "app/storage.h"
#include "app/studio_jobs.h"
#include "app/submissions.h"
#include "app/uploads.h"
#include "app/upscales.h"
#include "app/view_counts.h"
#include "app/wallets.h"
#include "app/webhook_counts.h"
#include "app/webhooks.h"
#include "base/clock.h"
#include "base/random.h"
#include "http/router.h"
#include "ports/database.h"
#include "ports/egress.h"
#include "ports/notifier.h"
#include "ports/object_store.h"
#include "ports/rate_limiter.h"

namespace tintype::api {

class Authenticator;

struct Services {
  app::Accounts& accounts;
  app::ApiKeys& api_keys;
  app::CallLimits& call_limits;
  app::Wallets& wallets;
  app::Storage& storage;
  app::Activity& activity;
  app::Images& images;
  app::Uploads& uploads;
  app::Library& library;
  app::Searches& searches;
  app::Albums& albums;
  app::Shares& shares;
  app::Deliveries& deliveries;
  app::Renditions& renditions;
  app::ViewCounts& views;
  app::Submissions& submissions;
  app::Jobs& jobs;
  app::Queue& queue;
  app::Administration& administration;
  app::Purchases& purchases;
  app::Webhooks& webhooks;
  app::Upscales& upscales;
  app::StudioJobs& studio_jobs;
  app::Previews& previews;
  app::Models& models;
  const app::Receipts& receipts;
  app::Batches& batches;
  const app::WebhookCounts& webhook_counts;
  Database& database;
  ObjectStore& objects;
  Egress& egress;
  RateLimiter& limiter;
  Notifier& notifier;
  const Clock& clock;
  Random& random;
  Authenticator& authenticator;
  std::string public_url;      // no trailing slash
  bool limits_enabled = true;  // limits.enabled

  // Where a handler that only reads the database runs: in place on SQLite, in the pool on PostgreSQL.
  http::Place read_place() const { return database.reads_may_block() ? http::Place::kPool : http::Place::kInPlace; }
};

}  // namespace tintype::api
