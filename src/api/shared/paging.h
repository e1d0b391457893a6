// Lists in pages: `limit` and `cursor` of the query, and the cursor of the page behind.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/album.h"
#include "http/message.h"
#include "ports/database.h"

namespace tintype::api {

// Cursors are opaque to clients: base64url of "created_at_ms:id".
std::string encode_cursor(std::int64_t created_at_ms, const std::string& id);

// How many items a page of a list has.
struct PageLimits {
  int fallback = 50, max = 100;
};

// Reads `limit` (1 to `limits.max`, `limits.fallback` when absent) and `cursor` from the query.
Result<Page> page_of(const http::Request& request, const PageLimits& limits = {});

// Where in its list an item stands.
template <class T>
PageCursor place_of(const T& item) {
  return {item.created_at_ms, item.id};
}
inline PageCursor place_of(const AlbumImage& item) {
  return {item.position, item.image.id};
}
inline PageCursor place_of(const UserJob& item) {
  return {item.job.created_at_ms, item.job.id};
}

// Takes off what goes beyond `limit`, and answers the cursor of the page behind it, nothing on the last page. The
// page was asked for with one item more than `limit`, which tells whether there is more.
template <class T>
std::optional<std::string> cut_to(std::vector<T>& items, int limit) {
  if (static_cast<int>(items.size()) <= limit) return std::nullopt;
  items.resize(static_cast<std::size_t>(limit));
  const PageCursor place = place_of(items.back());
  return encode_cursor(place.created_at_ms, place.id);
}

}  // namespace tintype::api
