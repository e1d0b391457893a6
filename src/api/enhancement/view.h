// The surface's JSON shapes, as ../../../openapi/enhancement.json describes them.
#pragma once

#include <optional>
#include <string>

#include "api/enhancement/routes.h"
#include "api/shared/json_body.h"
#include "api/shared/paging.h"
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
