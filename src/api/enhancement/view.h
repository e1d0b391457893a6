// The surface's JSON shapes, as ../../../openapi/enhancement.json describes them.
#pragma once

#include <optional>
#include <string>

#include "api/enhancement/routes.h"
#include "api/shared/json_body.h"
#include "domain/album.h"
#include "domain/image.h"
#include "domain/job.h"
#include "domain/wallet.h"
#include "ports/database.h"

namespace tintype::api::enhancement {

// What every route of the surface is given.
struct Surface {
  const Services& services;
  EnhancementOptions options;
};

// The contract's job states: a failed job that was paid for is REFUNDED.
const char* status_name(const Job& job);

// A URL of an object for its owner: lives at least `url_seconds` and stays the same within the hour, so that
// browsers can cache it.
std::string object_url(const Surface& surface, const std::string& key, std::int64_t lives_ms_min = 0);

std::string format_name(ImageFormat format);                                    // "JPEG"
std::optional<std::string> time_or_null(const std::optional<UnixMs>& time_ms);  // ISO 8601

// As uploads answer it. Its URL lives as long as the answer may be repeated under an Idempotency-Key.
JsonText image_json(const Surface& surface, const Image& image);
JsonText image_detail_json(const Surface& surface, const Image& image);  // with description and updatedAt
JsonText job_json(const Surface& surface, const Job& job);               // as an image lists it
JsonText job_detail_json(const Surface& surface, const Job& job);  // with imageId, batchId and progress (0 to 100)
JsonText album_json(const Album& album);
JsonText ledger_entry_json(const LedgerEntry& entry);

// Cursors are opaque to clients: base64url of "created_at_ms:id".
std::string encode_cursor(UnixMs created_at_ms, const std::string& id);

// Reads `limit` (1 to 100, 50 when absent) and `cursor` from the query.
Result<Page> page_of(const http::Request& request);

// Takes off what goes beyond `limit`, and answers the cursor of the page behind it, nothing on the last page. The
// page was asked for with one item more than `limit`, which tells whether there is more.
template <class T>
std::optional<std::string> cut_to(std::vector<T>& items, int limit) {
  if (static_cast<int>(items.size()) <= limit) return std::nullopt;
  items.resize(static_cast<std::size_t>(limit));
  return encode_cursor(items.back().created_at_ms, items.back().id);
}

// What a list answers: `items` under `name`, and nextCursor, null on the last page.
template <class T, class ToJson>
JsonText list_json(const char* name, std::vector<T> items, int limit, ToJson to_json) {
  const std::optional<std::string> next_cursor = cut_to(items, limit);
  JsonText answered = JsonText::array();
  for (const T& item : items) answered.push_back(to_json(item));
  return {{"success", true}, {name, answered}, {"nextCursor", next_cursor}};
}

void add_image_routes(http::Router& router, const Surface& surface);
void add_job_routes(http::Router& router, const Surface& surface);
void add_album_routes(http::Router& router, const Surface& surface);
void add_token_routes(http::Router& router, const Surface& surface);

}  // namespace tintype::api::enhancement
