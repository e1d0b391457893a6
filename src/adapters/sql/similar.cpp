// Images that look alike, by the distance between their fingerprints.
#include <algorithm>
#include <bit>
#include <iterator>
#include <map>
#include <tuple>

#include "adapters/sql/repositories.h"

namespace tintype::sql {

namespace {

using Fingerprint = std::int64_t;  // 64 bits, as the databases keep them

// All of the user's fingerprints that are near, by distance: one pass over a covering index.
Result<std::map<int, std::vector<Fingerprint>>> near_fingerprints(Connection& connection, const Image& image,
                                                                  int distance_max) {
  const auto wanted = std::bit_cast<Fingerprint>(*image.perceptual_hash);
  std::map<int, std::vector<Fingerprint>> near;
  const auto read = connection.query(
      "SELECT perceptual_hash FROM images WHERE user_id = ? AND perceptual_hash IS NOT NULL "
      "AND fingerprint_distance(perceptual_hash, ?) <= ? GROUP BY perceptual_hash",
      "i", {image.user_id, wanted, std::int64_t{distance_max}}, [&](const Row& row) {
        const auto differing = static_cast<std::uint64_t>(row.integer(0) ^ wanted);
        near[std::popcount(differing)].push_back(row.integer(0));
      });
  if (!read) return std::unexpected(read.error());
  return near;
}

}  // namespace

Result<std::vector<SimilarImage>> SqlSearches::similar(const Image& image, int distance_max, int limit) {
  std::vector<SimilarImage> similar;
  const auto rest = [&] { return std::int64_t{limit} - static_cast<std::int64_t>(similar.size()); };
  const auto copies = find_all<Image>(connection_,
                                      "SELECT " TINTYPE_IMAGE_COLUMNS
                                      " FROM images i WHERE i.user_id = ? AND i.sha256 = ? AND i.id <> ? "
                                      "AND " TINTYPE_IMAGE_IS_THERE " ORDER BY i.created_at_ms DESC, i.id DESC LIMIT ?",
                                      kImageColumnTypes, {image.user_id, image.sha256, image.id, rest()}, image_of);
  if (!copies) return std::unexpected(copies.error());
  for (const Image& copy : *copies) similar.push_back({copy, 0, true});
  if (!image.perceptual_hash || rest() == 0) return similar;
  const auto near = near_fingerprints(connection_, image, distance_max);
  if (!near) return std::unexpected(near.error());
  for (const auto& [distance, fingerprints] : *near) {
    std::vector<Image> found;
    for (const Fingerprint fingerprint : fingerprints) {
      auto of_one =
          find_all<Image>(connection_,
                          "SELECT " TINTYPE_IMAGE_COLUMNS
                          " FROM images i WHERE i.user_id = ? AND i.perceptual_hash = ? "
                          "AND i.sha256 <> ? AND i.id <> ? AND " TINTYPE_IMAGE_IS_THERE
                          " ORDER BY i.created_at_ms DESC, i.id DESC LIMIT ?",
                          kImageColumnTypes, {image.user_id, fingerprint, image.sha256, image.id, rest()}, image_of);
      if (!of_one) return std::unexpected(of_one.error());
      std::ranges::move(*of_one, std::back_inserter(found));
    }
    std::ranges::sort(found, [](const Image& one, const Image& other) {
      return std::tie(one.created_at_ms, one.id) > std::tie(other.created_at_ms, other.id);
    });
    for (Image& one : found) {
      if (rest() > 0) similar.push_back({std::move(one), distance, false});
    }
    if (rest() == 0) break;
  }
  return similar;
}

}  // namespace tintype::sql
