#include "api/enhancement/view.h"

#include <cctype>
#include <charconv>

#include "base/bytes.h"

namespace tintype::api::enhancement {

namespace {

constexpr int kPageLimitDefault = 50;
constexpr int kPageLimitMax = 100;
constexpr std::int64_t kUrlRoundingMs = 3'600'000;

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

Json time_or_null(const std::optional<UnixMs>& time_ms) {
  return time_ms ? Json(iso8601(*time_ms)) : Json(nullptr);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
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

std::string object_url(const Surface& surface, const std::string& key, const std::string& download_name) {
  const UnixMs earliest_ms = surface.services.clock.now_ms() + surface.options.url_seconds * 1000;
  Delivery delivery;
  delivery.expires_at_ms = (earliest_ms / kUrlRoundingMs + 1) * kUrlRoundingMs;
  delivery.download_name = download_name;
  return surface.services.objects.signed_url(key, delivery);
}

Json image_json(const Surface& surface, const Image& image) {
  return {
      {"id", image.id},
      {"name", image.name},
      {"url", object_url(surface, image.object_key)},
      {"width", image.width_px},
      {"height", image.height_px},
      {"size", image.size_bytes},
      {"format", upper(image_format_name(image.format))},
      {"isPublic", image.visibility == Visibility::kPublic},
      {"viewCount", image.view_count},
      {"createdAt", iso8601(image.created_at_ms)},
  };
}

Json image_detail_json(const Surface& surface, const Image& image) {
  return {
      {"id", image.id},
      {"name", image.name},
      {"description", null_or(image.description)},
      {"url", object_url(surface, image.object_key)},
      {"width", image.width_px},
      {"height", image.height_px},
      {"size", image.size_bytes},
      {"format", upper(image_format_name(image.format))},
      {"isPublic", image.visibility == Visibility::kPublic},
      {"viewCount", image.view_count},
      {"createdAt", iso8601(image.created_at_ms)},
      {"updatedAt", iso8601(image.updated_at_ms)},
  };
}

Json job_json(const Surface& surface, const Job& job) {
  const bool has_result = job.state == JobState::kSucceeded && job.result && !job.result->object_key.empty();
  Json json = {
      {"id", job.id},
      {"tier", null_or(job.tier)},
      {"status", status_name(job)},
      {"tokensCost", job.price},
      {"enhancedUrl", nullptr},
      {"enhancedWidth", nullptr},
      {"enhancedHeight", nullptr},
      {"enhancedSizeBytes", nullptr},
      {"errorMessage", job.failure ? Json(job.failure->message) : Json(nullptr)},
      {"createdAt", iso8601(job.created_at_ms)},
      {"processingStartedAt", time_or_null(job.started_at_ms)},
      {"processingCompletedAt", time_or_null(job.finished_at_ms)},
  };
  if (has_result) {
    json["enhancedUrl"] = object_url(surface, job.result->object_key);
    json["enhancedWidth"] = job.result->width_px;
    json["enhancedHeight"] = job.result->height_px;
    json["enhancedSizeBytes"] = job.result->size_bytes;
  }
  return json;
}

Json job_detail_json(const Surface& surface, const Job& job) {
  Json json = job_json(surface, job);
  json["imageId"] = null_or(job.image_id);
  json["batchId"] = null_or(job.batch_id);
  json["progress"] = job.state == JobState::kSucceeded ? 100 : job.progress_permille / 10;
  return json;
}

Json album_json(const Album& album) {
  return {
      {"id", album.id},
      {"name", album.name},
      {"description", null_or(album.description)},
      {"imageCount", album.image_count},
      {"createdAt", iso8601(album.created_at_ms)},
  };
}

Json ledger_entry_json(const LedgerEntry& entry) {
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

std::string encode_cursor(UnixMs created_at_ms, const std::string& id) {
  return base64url_encode(std::to_string(created_at_ms) + ":" + id);
}

Result<Page> page_of(const http::Request& request) {
  Page page;
  page.limit = kPageLimitDefault;
  if (const auto text = request.query_parameter("limit")) {
    const auto limit = parse_integer(*text);
    if (!limit || *limit < 1 || *limit > kPageLimitMax) {
      return fail(ErrorCode::kInvalidInput, "limit must be a number from 1 to 100", "Leave it out for 50");
    }
    page.limit = static_cast<int>(*limit);
  }
  if (const auto text = request.query_parameter("cursor")) {
    const auto decoded = base64url_decode(*text);
    const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
    const auto created =
        colon == std::string::npos ? std::nullopt : parse_integer(std::string_view(*decoded).substr(0, colon));
    if (!created || !is_valid_utf8(*decoded)) {
      return fail(ErrorCode::kInvalidInput, "cursor is not one that a list answered",
                  "Take nextCursor from the page before, or leave it out for the first page");
    }
    page.after = PageCursor{*created, decoded->substr(colon + 1)};
  }
  return page;
}

}  // namespace tintype::api::enhancement
