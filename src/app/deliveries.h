// Who may see which picture, and by which URL. Answering only reads: what has to be made is made when its URL is
// fetched.
//
// The owner gets everything; others see public images that are there, and in place of the original its published copy.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/signed_target.h"
#include "domain/account.h"
#include "domain/image.h"
#include "domain/rendition.h"
#include "ports/database.h"
#include "ports/url_signer.h"

namespace tintype::app {

struct DeliveryRules {
  std::int64_t url_seconds = 300;  // how long a URL lives at least
  int side_max_px = 4'096;         // of a rendition
  std::int64_t avif_pixels_max = 2'000'000;
};

inline constexpr int kStrangersSideMaxPx = 2'048;  // of a rendition that is not for the owner

inline constexpr const char* kOriginal = "original";

struct PictureWish {
  std::string variant;  // "thumb" | "medium" | "large" | "original"; empty: `rendition`
  RenditionWish rendition;
  // Of the answer. Nothing: for a variant what the client reads, for a rendition what is read by whoever fetches it.
  std::optional<ImageFormat> format;
  FormatsRead read;
  bool is_download = false;  // saved under the image's file name instead of shown
};

struct DeliveredPicture {
  std::string url;
  Extent extent;
  std::optional<ImageFormat> format;  // nothing: found when it is fetched
  std::string variant;                // its name, or a recipe's
  bool is_view_by_others = false;
};

// What a rendition's URL gives its bearer.
struct RenditionGrant {
  std::string image_id;
  RenditionSpec spec;
  Delivery delivery;
};

class Deliveries {
 public:
  // `base_url` without a trailing slash; the URLs of renditions begin with it.
  Deliveries(Database& database, const UrlSigner& objects, TargetSigner renditions, std::string base_url,
             const Clock& clock, DeliveryRules rules);

  // kNotFound for what the viewer may not see, as for what is missing; kConflict for an owner whose upload has not
  // arrived; kInvalidInput for a format or size that the wish cannot have. A variant that is not ready (yet) is
  // answered as a rendition of its size, so that there is always a picture.
  Result<DeliveredPicture> picture(const std::optional<Principal>& viewer, std::string_view image_id,
                                   const PictureWish& wish);

  // `target` as it was sent. kForbidden when it is not ours or over.
  Result<RenditionGrant> rendition_of(std::string_view target) const;
  // The image behind a grant; kNotFound when it is not there any more.
  Result<Image> image_of(const RenditionGrant& grant);
  // Which format somebody gets who reads these.
  ImageFormat format_of(const RenditionGrant& grant, const Image& image, const FormatsRead& read) const;

  // A rendition's URL, for whoever has found out that it may be had.
  std::string rendition_url(std::string_view image_id, const RenditionSpec& spec, const Delivery& delivery) const;
  // Where an object is fetched: for redirects.
  std::string object_url(std::string_view key, const Delivery& delivery) const {
    return objects_.object_url(key, delivery);
  }

  const DeliveryRules& rules() const { return rules_; }
  // Before anything is asked of it.
  void set_base_url(std::string url) { base_url_ = std::move(url); }

 private:
  Result<DeliveredPicture> original(const Image& image, bool is_owner, const PictureWish& wish);
  Result<DeliveredPicture> variant(const Image& image, bool is_owner, const PictureWish& wish);
  Result<DeliveredPicture> rendition(const Image& image, bool is_owner, const PictureWish& wish);
  Result<std::optional<Variant>> ready(const Image& image, const VariantKey& key);
  Delivery delivery(const Image& image, bool is_owner, const PictureWish& wish, const std::string& name,
                    std::optional<ImageFormat> format) const;

  Database& database_;
  const UrlSigner& objects_;
  const TargetSigner renditions_;
  std::string base_url_;
  const Clock& clock_;
  const DeliveryRules rules_;
};

// The name that a picture of this image is saved under, with the variant in it and the ending of its format: for its
// owner that of the file it came with, which is his alone to know; for others the title, or the image's id.
std::string download_name(const Image& image, bool is_owner, std::string_view variant, ImageFormat format);

}  // namespace tintype::app
