// Asking for operations, what they would take, and what they would come to.
#include "api/shared/authenticate.h"
#include "api/shared/dialect.h"
#include "api/shared/idempotent.h"
#include "api/studio/submit_form.h"
#include "api/studio/view.h"

namespace tintype::api::studio {

namespace {

// How much of a body there may be beside its pictures, and how much longer base64 makes them.
constexpr std::int64_t kBodySlackBytes = 64 * 1024;

JsonText submitted_json(const app::SubmittedStudio& submitted) {
  const Job& job = submitted.job;
  const std::string transaction = "tx_" + job.id.substr(job.id.find('_') + 1);
  return {{"jobId", job.id},
          {"transactionId", transaction},
          {"status", job_status_name(job.state)},
          {"estimatedWait", submitted.wait.seconds}};
}

Result<http::Response> submit(const Surface& surface, http::Request& request) {
  auto form = read_submit(surface, request);
  if (!form) return std::unexpected(form.error());
  const Principal& principal = principal_of(request);
  const auto once_only = once<app::SubmittedStudio>(request, principal, submitted_json, 202);
  if (!once_only) return std::unexpected(once_only.error());
  const auto outcome = surface.services.studio_jobs.submit(principal, std::move(form->call), *once_only);
  if (!outcome) return std::unexpected(outcome.error());
  return reply<app::SubmittedStudio>(*outcome, submitted_json, 202);
}

Result<http::Response> estimate(const Surface& surface, http::Request& request) {
  auto form = read_submit(surface, request);
  if (!form) return std::unexpected(form.error());
  const auto estimate = surface.services.studio_jobs.estimate(principal_of(request), std::move(form->call));
  if (!estimate) return std::unexpected(estimate.error());
  JsonText json{{"cost", estimate->price},
                {"quote", estimate->quote.text},
                {"quoteExpiresAt", iso8601(estimate->quote.expires_at_ms)},
                {"available", estimate->available},
                {"estimatedSeconds", estimate->seconds},
                {"accepted", !estimate->refusal.has_value()}};
  if (estimate->refusal) {
    json.add("reason", {{"code", studio_code(estimate->refusal->code)}, {"message", estimate->refusal->message}});
  } else {
    json.add("reason", nullptr);
  }
  if (estimate->output) {
    json.add("output", {{"width", estimate->output->width_px}, {"height", estimate->output->height_px}});
  } else {
    json.add("output", nullptr);
  }
  return json_response(200, std::move(json));
}

Result<http::Response> preview(const Surface& surface, http::Request& request) {
  auto form = read_preview(surface, request);
  if (!form) return std::unexpected(form.error());
  auto preview = surface.services.previews.make(principal_of(request), std::move(form->call));
  if (!preview) return std::unexpected(preview.error());
  http::Response response =
      http::text_response(200, std::move(preview->bytes), image_format_media_type(preview->format));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

}  // namespace

void add_submit_routes(http::Router& router, const Surface& surface) {
  // One picture in a data URL, and whatever else there is; three small ones fit as well.
  const http::BodyPolicy body{http::BodyKind::kSpool, surface.options.data_url_bytes_max * 4 / 3 + kBodySlackBytes};
  add_route(router, surface, http::Method::kPost, "/api/ai/submit", submit,
            {.body = body, .bucket = Bucket::kOperation});
  add_route(router, surface, http::Method::kPost, "/api/ai/estimate", estimate, {.body = body});
  add_route(router, surface, http::Method::kPost, "/api/ai/previews", preview,
            {.body = body, .bucket = Bucket::kPreview});
}

}  // namespace tintype::api::studio
