// Asking for pictures, and what that would take.
#include "api/shared/authenticate.h"
#include "api/shared/dialect.h"
#include "api/shared/idempotent.h"
#include "api/upscale/call_form.h"
#include "api/upscale/view.h"

namespace tintype::api::upscale {

namespace {

// How much of a form is read beyond its file.
constexpr std::int64_t kFormSlackBytes = 1 << 20;
constexpr int kPartsMax = 32;

std::string time_text(const app::TimeSpan& time) {
  return std::to_string(time.min_seconds) + "-" + std::to_string(time.max_seconds) + "s";
}

JsonText submitted_json(const app::SubmittedUpscale& submitted) {
  const std::string time = time_text(submitted.time);
  return {{"job_id", submitted.job.id},
          {"status", job_status_name(submitted.job.state)},
          {"estimated_time", time},
          {"message", "Job submitted successfully."}};
}

// A picture that is none of ours to read is the caller's mistake in the picture, not in the request's own type.
Error as_refusal(Error error) {
  if (error.code == ErrorCode::kUnsupportedMediaType) error.code = ErrorCode::kInvalidInput;
  return error;
}

Result<http::Response> submit(const Surface& surface, http::Request& request) {
  auto form = read_call(request, CallKind::kSubmit);
  if (!form) return std::unexpected(form.error());
  const auto once_only = once<app::SubmittedUpscale>(request, principal_of(request), submitted_json, 202);
  if (!once_only) return std::unexpected(once_only.error());
  const auto submission = surface.services.upscales.submit(principal_of(request), std::move(form->call), *once_only);
  if (!submission) return std::unexpected(as_refusal(submission.error()));
  if (submission->left) set_rate_decision(request, *submission->left);
  return reply<app::SubmittedUpscale>(request, submission->outcome, submitted_json, 202);
}

Result<http::Response> estimate(const Surface& surface, http::Request& request) {
  auto form = read_call(request, CallKind::kEstimate);
  if (!form) return std::unexpected(form.error());
  const auto estimate = surface.services.upscales.estimate(principal_of(request), std::move(form->call), form->sides);
  if (!estimate) return std::unexpected(as_refusal(estimate.error()));
  JsonText data{{"accepted", !estimate->refusal.has_value()}};
  if (estimate->refusal) {
    const Error refusal = as_refusal(*estimate->refusal);
    data.add("reason", {{"code", error_code_name(refusal.code)}, {"message", refusal.message}});
  } else {
    data.add("reason", nullptr);
  }
  const std::string time = time_text(estimate->time);
  data.add("estimated_time", time);
  data.add("estimated_seconds", {{"min", estimate->time.min_seconds}, {"max", estimate->time.max_seconds}});
  add_size(data, "original_size", estimate->original);
  add_size(data, "output_size", estimate->output);
  return data_response(request, 200, std::move(data).text());
}

}  // namespace

void add_submit_routes(http::Router& router, const Surface& surface) {
  const std::int64_t file_bytes_max = surface.services.upscales.rules().file_bytes_max;
  const http::BodyPolicy body{.kind = http::BodyKind::kMultipart,
                              .body_bytes_max = file_bytes_max + kFormSlackBytes,
                              .part_bytes_max = file_bytes_max,
                              .field_bytes_max = kJsonBody.body_bytes_max,
                              .parts_max = kPartsMax,
                              .memory_bytes_max = kJsonBody.body_bytes_max};
  add_route(router, surface, http::Method::kPost, "/api/v1/upscale", submit, {.body = body});
  add_route(router, surface, http::Method::kPost, "/api/v1/estimate", estimate, {.body = body});
}

}  // namespace tintype::api::upscale
