// Finding images, by what is said of them and by what they look like.
#include <charconv>

#include "api/hosting/view.h"
#include "api/shared/authenticate.h"
#include "base/bytes.h"

namespace tintype::api::hosting {

namespace {

std::optional<std::int64_t> parse_whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A whole number of the query that fits; nothing when it is absent.
Result<std::optional<int>> number_of(const http::Request& request, const char* name) {
  const auto text = request.query_parameter(name);
  if (!text) return std::nullopt;
  const auto number = parse_whole(*text);
  if (!number || *number < 0 || *number > 1'000'000) {
    return fail(ErrorCode::kInvalidInput, std::string(name) + " must be a whole number");
  }
  return static_cast<int>(*number);
}

std::string encode_place(const SearchCursor& place) {
  return base64url_encode(std::to_string(place.tier) + ":" + std::to_string(place.sequence));
}

Result<std::optional<SearchCursor>> place_of(const http::Request& request) {
  const auto text = request.query_parameter("cursor");
  if (!text) return std::nullopt;
  const auto decoded = base64url_decode(*text);
  const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
  const auto tier = colon == std::string::npos ? std::nullopt : parse_whole(decoded->substr(0, colon));
  const auto sequence = colon == std::string::npos ? std::nullopt : parse_whole(decoded->substr(colon + 1));
  if (!tier || !sequence || *tier < 1 || *tier > kFieldClasses) {
    return fail(ErrorCode::kInvalidInput, "cursor is not one that a search answered",
                "Take the next cursor from the page before, or leave it out for the first page");
  }
  return SearchCursor{static_cast<int>(*tier), *sequence};
}

Result<SearchOrder> order_of(const http::Request& request) {
  const std::string_view sort = request.query_parameter("sort").value_or("newest");
  if (sort == "newest") return SearchOrder::kNewest;
  if (sort == "relevance") return SearchOrder::kRelevance;
  return fail(ErrorCode::kInvalidInput, "sort must be newest or relevance", "Leave it out for newest");
}

Result<app::SearchRequest> request_of(const http::Request& request) {
  app::SearchRequest search;
  search.query = std::string(request.query_parameter("q").value_or(""));
  const auto after = place_of(request);
  if (!after) return std::unexpected(after.error());
  search.after = *after;
  const auto limit = number_of(request, "limit");
  if (!limit) return std::unexpected(limit.error());
  search.limit = *limit;
  return search;
}

template <class Page>
std::optional<std::string> cursor_behind(const Page& page) {
  return page.next ? std::optional(encode_place(*page.next)) : std::nullopt;
}

JsonText found_images_json(const std::vector<Image>& found, const std::optional<Principal>& viewer) {
  JsonText images = JsonText::array();
  for (const Image& image : found) images.push_back(found_image_json(image, viewer));
  return images;
}

Result<http::Response> search_of_ids(const Surface& surface, const http::Request& request) {
  const auto ids = ids_of(request);
  if (!ids) return std::unexpected(ids.error());
  const auto viewer = viewer_of(request);
  const auto images = surface.services.searches.list_of_ids(viewer ? viewer->user_id : "", *ids);
  if (!images) return std::unexpected(images.error());
  return json_response(200,
                       {{"images", found_images_json(*images, viewer)}, {"next_cursor", std::optional<std::string>()}});
}

Result<http::Response> search_images(const Surface& surface, const http::Request& request) {
  if (request.query_parameter("image_ids")) return search_of_ids(surface, request);
  auto search = request_of(request);
  if (!search) return std::unexpected(search.error());
  const auto order = order_of(request);
  if (!order) return std::unexpected(order.error());
  search->order = *order;
  const auto viewer = viewer_of(request);
  const auto page = surface.services.searches.find(viewer ? viewer->user_id : "", *search);
  if (!page) return std::unexpected(page.error());
  return json_response(200,
                       {{"images", found_images_json(page->images, viewer)}, {"next_cursor", cursor_behind(*page)}});
}

Result<http::Response> list_similar(const Surface& surface, const http::Request& request) {
  const auto distance = number_of(request, "distance");
  if (!distance) return std::unexpected(distance.error());
  const auto limit = number_of(request, "limit");
  if (!limit) return std::unexpected(limit.error());
  const Principal& principal = principal_of(request);
  const auto similar = surface.services.searches.similar(principal.user_id, request.path_parameter("id"),
                                                         distance->value_or(app::kDistanceDefault),
                                                         limit->value_or(app::kSimilarLimitDefault));
  if (!similar) return std::unexpected(similar.error());
  JsonText images = JsonText::array();
  for (const SimilarImage& one : *similar) {
    JsonText json = found_image_json(one.image, principal);
    json.add("distance", one.distance);
    json.add("exact", one.is_copy);
    images.push_back(json);
  }
  return json_response(200, {{"images", images}});
}

}  // namespace

Result<http::Response> outline_search(const Surface& surface, const http::Request& request) {
  const auto search = request_of(request);
  if (!search) return std::unexpected(search.error());
  const auto page = surface.services.searches.outline(principal_of(request).user_id, *search);
  if (!page) return std::unexpected(page.error());
  return json_response(200, outline_json(page->images, cursor_behind(*page)));
}

void add_search_routes(http::Router& router, const Surface& surface) {
  add_route(router, surface, http::Method::kGet, "/v1/search/images", search_images,
            {.admit = admit_anyone(surface.services)});
  add_route(router, surface, http::Method::kGet, "/v1/images/{id}/similar", list_similar);
}

}  // namespace tintype::api::hosting
