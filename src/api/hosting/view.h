// The surface's JSON shapes, as ../../../openapi/hosting.json describes them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/hosting/routes.h"
#include "api/shared/json_body.h"
#include "api/shared/paging.h"
#include "domain/album.h"
#include "domain/image.h"
#include "domain/photo_metadata.h"
#include "domain/upload_session.h"
#include "domain/variant.h"

namespace tintype::api::hosting {

// What every route of the surface is given.
struct Surface {
  const Services& services;
  HostingOptions options;
};

inline constexpr std::int64_t kBodyBytesMax = 64 * 1024;
inline constexpr std::size_t kIdBytesMax = 128;

// A list of strings.
JsonText strings_json(const std::vector<std::string>& strings);

// What a list answers: its items under `name`, and next_cursor, null on the last page.
template <class T, class ToJson>
JsonText list_json(const char* name, std::vector<T> items, int limit, ToJson to_json) {
  const std::optional<std::string> next_cursor = cut_to(items, limit);
  JsonText answered = JsonText::array();
  for (const T& item : items) answered.push_back(to_json(item));
  return {{name, answered}, {"next_cursor", next_cursor}};
}

// As GET /v1/images/{id} answers it; what is the owner's alone (views, file name) only for him.
JsonText image_json(const app::ImageDetail& detail, const std::optional<Principal>& viewer);
// Null while there is none.
std::optional<JsonText> fault_json(const std::optional<ImageFault>& fault);
// As GET /v1/images/{id}/metadata answers it.
JsonText photo_metadata_json(std::string_view image_id, const PhotoMetadata& metadata);
// As lists have it.
JsonText image_item_json(const Image& image);

// What lays a page of them out, column by column, as it is long.
JsonText outline_json(const std::vector<ImageOutline>& images, const std::optional<std::string>& next_cursor);

// As a search has it: what is the owner's alone only for him.
JsonText found_image_json(const Image& image, const std::optional<Principal>& viewer);

// Whether another rendition may be made for whoever asks. URLs and links say nothing of who has them: what is made for
// strangers is counted by their address. Joining costs nothing.
Result<void> admit_making(const Surface& surface, const http::Request& request, const Image& image,
                          const VariantKey& key);

// The images of a list that are asked for by `image_ids`, at most kIdsMax, which goes with nothing else.
inline constexpr int kIdsMax = 100;
Result<std::vector<std::string>> ids_of(const http::Request& request);

// What GET /v1/images:outline answers of a search.
Result<http::Response> outline_search(const Surface& surface, const http::Request& request);

// A type that is no picture's, or one that is not read.
std::unexpected<Error> unknown_type(const std::string& type);

using Handle = Result<http::Response> (*)(const Surface&, const http::Request&);

// What a route may have otherwise than most: for signed-in users, in the pool, without a body.
struct RouteOptions {
  std::int64_t body_bytes_max = 0;  // of JSON; 0: no body
  http::Admit admit = nullptr;      // null: admit_user()
  http::Place place = http::Place::kPool;
};
void add_route(http::Router& router, const Surface& surface, http::Method method, const char* pattern, Handle handle,
               RouteOptions options = {});

void add_image_routes(http::Router& router, const Surface& surface);
void add_upload_routes(http::Router& router, const Surface& surface);
void add_companion_routes(http::Router& router, const Surface& surface);
void add_album_routes(http::Router& router, const Surface& surface);
void add_share_routes(http::Router& router, const Surface& surface);
void add_share_page_routes(http::Router& router, const Surface& surface);
void add_delivery_routes(http::Router& router, const Surface& surface);
void add_rendition_routes(http::Router& router, const Surface& surface);
void add_search_routes(http::Router& router, const Surface& surface);
void add_usage_routes(http::Router& router, const Surface& surface);

}  // namespace tintype::api::hosting
