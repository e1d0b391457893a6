#include "api/enhancement/view.h"

#include <algorithm>
#include <cctype>

#include "base/bytes.h"

namespace tintype::api::enhancement {

namespace {

constexpr std::int64_t kUrlRoundingMs = 3'600'000;

JsonText image_fields(const Image& image, const std::string& url) {
  return {
      {"id", image.id},
      {"name", image.name},
      {"url", url},
      {"width", image.width_px},
      {"height", image.height_px},
      {"size", image.size_bytes},
      {"format", format_name(image.format)},
      {"isPublic", image.visibility == Visibility::kPublic},
      {"viewCount", image.view_count},
      {"createdAt", iso8601(image.created_at_ms)},
  };
}

}  // namespace

const char* status_name(const Job& job) {
  switch (job.state) {
    case JobState::kQueued: return "PENDING";
    case JobState::kRunning: return "PROCESSING";
    case JobState::kSucceeded: return "COMPLETED";
    case JobState::kFailed: return job.price > 0 ? "REFUNDED" : "FAILED";
    case JobState::kCancelled: return "CANCELLED";
  }
  return "FAILED";
}

std::string format_name(ImageFormat format) {
  std::string name = image_format_name(format);
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::optional<std::string> time_or_null(const std::optional<UnixMs>& time_ms) {
  return time_ms ? std::optional(iso8601(*time_ms)) : std::nullopt;
}

std::string object_url(const Surface& surface, const std::string& key, std::int64_t lives_ms_min) {
  const UnixMs earliest_ms =
      surface.services.clock.now_ms() + std::max(surface.options.url_seconds * 1000, lives_ms_min);
  Delivery delivery;
  delivery.expires_at_ms = (earliest_ms / kUrlRoundingMs + 1) * kUrlRoundingMs;
  return surface.services.objects.signed_url(key, delivery);
}

JsonText image_json(const Surface& surface, const Image& image) {
  return image_fields(image, object_url(surface, image.object_key, app::kIdempotencyKeptMs));
}

JsonText image_detail_json(const Surface& surface, const Image& image) {
  JsonText json = image_fields(image, object_url(surface, image.object_key));
  json.add("description", null_or(image.description));
  json.add("updatedAt", iso8601(image.updated_at_ms));
  return json;
}

JsonText job_json(const Surface& surface, const Job& job) {
  const bool has_result = job.state == JobState::kSucceeded && job.result && !job.result->object_key.empty();
  const auto of_result = [&](auto value) { return has_result ? std::optional(value(*job.result)) : std::nullopt; };
  return {
      {"id", job.id},
      {"tier", null_or(job.tier)},
      {"status", status_name(job)},
      {"tokensCost", job.price},
      {"enhancedUrl", of_result([&](const JobResult& result) { return object_url(surface, result.object_key); })},
      {"enhancedWidth", of_result([](const JobResult& result) { return result.width_px; })},
      {"enhancedHeight", of_result([](const JobResult& result) { return result.height_px; })},
      {"enhancedSizeBytes", of_result([](const JobResult& result) { return result.size_bytes; })},
      {"errorMessage", job.failure ? JsonValue(job.failure->message) : JsonValue(nullptr)},
      {"createdAt", iso8601(job.created_at_ms)},
      {"processingStartedAt", time_or_null(job.started_at_ms)},
      {"processingCompletedAt", time_or_null(job.finished_at_ms)},
  };
}

JsonText job_detail_json(const Surface& surface, const Job& job) {
  JsonText json = job_json(surface, job);
  json.add("imageId", null_or(job.image_id));
  json.add("batchId", null_or(job.batch_id));
  json.add("progress", job.state == JobState::kSucceeded ? 100 : job.progress_permille / 10);
  return json;
}

JsonText album_json(const Album& album) {
  return {
      {"id", album.id},
      {"name", album.name},
      {"description", null_or(album.description)},
      {"imageCount", album.image_count},
      {"createdAt", iso8601(album.created_at_ms)},
  };
}

JsonText ledger_entry_json(const LedgerEntry& entry) {
  return {
      {"id", entry.id},
      {"kind", ledger_kind_name(entry.kind)},
      {"amount", entry.amount},
      {"balanceAfter", entry.balance_after},
      {"jobId", null_or(entry.job_id)},
      {"note", null_or(entry.note)},
      {"createdAt", iso8601(entry.created_at_ms)},
  };
}

}  // namespace tintype::api::enhancement
