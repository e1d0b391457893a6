// Searching images, and images that look alike.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/search_query.h"
#include "domain/search_suggestion.h"
#include "ports/database.h"

namespace tintype::app {

inline constexpr int kSearchLimitDefault = 50;
inline constexpr int kSearchLimitMax = 200;
inline constexpr int kOutlineLimitDefault = 1'000;
inline constexpr int kOutlineLimitMax = 10'000;
inline constexpr int kSimilarLimitDefault = 20;
inline constexpr int kSimilarLimitMax = 100;
// Of 64 bits; more is not near. See bench/RESULTS.md for what lies at which distance.
inline constexpr int kDistanceDefault = 6;
inline constexpr int kDistanceMax = 16;

inline constexpr int kSuggestionsMax = 20;

struct SearchRequest {
  std::string query;
  SearchOrder order = SearchOrder::kNewest;
  std::optional<SearchCursor> after;
  std::optional<int> limit;  // from 1 on; else the query's own, else the default
};

class Searches {
 public:
  explicit Searches(Database& database) : database_(database) {}

  // Own images and other people's public ones. kInvalidInput for a query that cannot be read (see parse_search()) and
  // for a limit over kSearchLimitMax. An album that is neither the caller's nor public holds nothing.
  Result<SearchPage> find(std::string_view user_id, const SearchRequest& request);
  // What lays the same out, in pages of up to kOutlineLimitMax.
  Result<SearchOutline> outline(std::string_view user_id, const SearchRequest& request);
  // Those of these that find() could find, in this order.
  Result<std::vector<Image>> list_of_ids(std::string_view user_id, const std::vector<std::string>& ids);

  // The caller's images that look like this one of his, exact copies first, then by distance, newest first; not itself.
  // One whose fingerprint is not known yet has exact copies alone. kNotFound when he has no such image.
  Result<std::vector<SimilarImage>> similar(std::string_view user_id, std::string_view image_id, int distance_max,
                                            int limit);

  // Up to `limit` ways to complete the last term of a query, of the caller's own tags, albums and titles and of the
  // language itself; none when it is complete. kInvalidInput for a query that is too long or no text.
  Result<std::vector<Suggestion>> suggest(std::string_view user_id, std::string_view query, int limit);

  // Writes the documents that are still missing, of images that are older than the search, and counts the terms of what
  // is older than suggestions. Can be stopped at any time and goes on where it was. How many documents it wrote.
  Result<std::int64_t> write_missing();

 private:
  Result<void> count_missing_terms();

  Database& database_;
};

// Brings what is searched of an image up to date, in the unit of work that changes the image, its tags or its albums.
// One that is not there (see is_there()) keeps its place in time and is not found.
Result<void> refresh_search(Transaction& transaction, std::string_view image_id);

}  // namespace tintype::app
