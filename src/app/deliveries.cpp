#include "app/deliveries.h"

#include "app/read.h"

namespace tintype::app {

namespace {

constexpr std::string_view kRenditionPath = "/renditions/";
constexpr const char* kDownload = "download";

std::unexpected<Error> not_found() {
  return fail(ErrorCode::kNotFound, "Image not found");
}

// A recipe's extent for this picture.
Extent extent_of(const Recipe& recipe, const Image& image) {
  return extent_in(recipe.box, {image.width_px, image.height_px});
}

}  // namespace

std::string download_name(const Image& image, bool is_owner, std::string_view variant, ImageFormat format) {
  const bool is_whole = variant == kOriginal || variant == kPublished;
  if (is_owner && is_whole && format == image.format) return image.name;
  std::string title = image.title;
  std::ranges::replace_if(title, [](char c) { return c == '/' || c == '\\'; }, '-');
  std::string stem = is_owner ? image.name : clean_file_name(title, image.id);
  const std::size_t dot = stem.rfind('.');
  if (is_owner && dot != std::string::npos && dot > 0) stem.resize(dot);
  if (!is_whole) stem += "-" + std::string(variant);
  return stem + "." + image_format_extension(format);
}

Deliveries::Deliveries(Database& database, const UrlSigner& objects, TargetSigner renditions, std::string base_url,
                       const Clock& clock, DeliveryRules rules)
    : database_(database),
      objects_(objects),
      renditions_(std::move(renditions)),
      base_url_(std::move(base_url)),
      clock_(clock),
      rules_(rules) {}

Result<DeliveredPicture> Deliveries::picture(const std::optional<Principal>& viewer, std::string_view image_id,
                                             const PictureWish& wish) {
  auto found = read(database_, [&](Transaction& transaction) { return transaction.images().find_by_id(image_id); });
  if (!found) return std::unexpected(found.error());
  auto& image = *found;
  if (!image) return not_found();
  const bool is_owner = viewer && viewer->user_id == image->user_id;
  if (!is_owner && (!is_there(*image) || image->visibility != Visibility::kPublic)) return not_found();
  if (image->deleted_at_ms) {
    return fail(ErrorCode::kNotFound, "This image was deleted", "Please restore it from the trash first");
  }
  if (!is_there(*image)) {
    return fail(ErrorCode::kConflict, "The picture of this image has not arrived yet",
                "Please complete its upload first");
  }
  auto delivered = wish.variant == kOriginal ? original(*image, is_owner, wish)
                   : wish.variant.empty()    ? rendition(*image, is_owner, wish)
                                             : variant(*image, is_owner, wish);
  if (delivered) delivered->is_view_by_others = !is_owner;
  return delivered;
}

Result<std::optional<Variant>> Deliveries::ready(const Image& image, const VariantKey& key) {
  auto found = read(
      database_, [&](Transaction& transaction) { return transaction.variants().find(image.user_id, image.id, key); });
  if (!found) return std::unexpected(found.error());
  auto& variant = *found;
  if (variant && variant->state != VariantState::kReady) return std::nullopt;
  return variant;
}

Delivery Deliveries::delivery(const Image& image, bool is_owner, const PictureWish& wish, const std::string& name,
                              std::optional<ImageFormat> format) const {
  Delivery made{expiry_on_a_minute(clock_.now_ms(), rules_.url_seconds), {}};
  if (wish.is_download && format) made.download_name = download_name(image, is_owner, name, *format);
  return made;
}

std::string Deliveries::rendition_url(std::string_view image_id, const RenditionSpec& spec,
                                      const Delivery& delivery) const {
  SignedTarget target;
  target.path.append(kRenditionPath).append(image_id).append("/").append(spec_text(spec));
  if (!delivery.download_name.empty()) target.parameters.emplace_back(kDownload, delivery.download_name);
  target.expires_at_ms = delivery.expires_at_ms;
  return base_url_ + renditions_.sign(target);
}

Result<DeliveredPicture> Deliveries::original(const Image& image, bool is_owner, const PictureWish& wish) {
  const VariantKey published = published_key(image);
  const ImageFormat format = is_owner ? image.format : published.format;
  if (wish.format && *wish.format != format) {
    return fail(ErrorCode::kInvalidInput, std::string("The original is had as ") + image_format_name(format) + " alone",
                "Please leave format out, or ask for another variant");
  }
  DeliveredPicture picture{{}, {image.width_px, image.height_px}, format, kOriginal, false};
  const Delivery delivered = delivery(image, is_owner, wish, kOriginal, format);
  if (is_owner) {
    picture.url = objects_.object_url(image.object_key, delivered);
    return picture;
  }
  const auto copy = ready(image, published);
  if (!copy) return std::unexpected(copy.error());
  picture.url = *copy ? objects_.object_url((*copy)->object_key, delivered)
                      : rendition_url(image.id, {published.name, published.format}, delivered);
  return picture;
}

Result<DeliveredPicture> Deliveries::variant(const Image& image, bool is_owner, const PictureWish& wish) {
  const VariantKey key{wish.variant, wish.format.value_or(wish.read.webp ? ImageFormat::kWebp : ImageFormat::kJpeg)};
  const auto recipe = parse_recipe(key.name);
  if (!recipe || !is_display_variant(key.name)) {
    return fail(ErrorCode::kInvalidInput, "variant must be thumb, medium, large or original");
  }
  const auto found = ready(image, key);
  if (!found) return std::unexpected(found.error());
  const Delivery delivered = delivery(image, is_owner, wish, key.name, key.format);
  if (*found) {
    return DeliveredPicture{objects_.object_url((*found)->object_key, delivered),
                            {(*found)->width_px, (*found)->height_px},
                            key.format,
                            key.name,
                            false};
  }
  // Under its recipe's name: the row of its own name is the job's that is on its way.
  const RenditionSpec spec{recipe_name(*recipe), key.format};
  return DeliveredPicture{rendition_url(image.id, spec, delivered), extent_of(*recipe, image), key.format, key.name,
                          false};
}

Result<DeliveredPicture> Deliveries::rendition(const Image& image, bool is_owner, const PictureWish& wish) {
  const int side_max_px = is_owner ? rules_.side_max_px : std::min(rules_.side_max_px, kStrangersSideMaxPx);
  const auto recipe = recipe_for(wish.rendition, {image.width_px, image.height_px}, side_max_px);
  if (!recipe) return std::unexpected(recipe.error());
  const RenditionSpec spec{recipe_name(*recipe), wish.format};
  return DeliveredPicture{rendition_url(image.id, spec, delivery(image, is_owner, wish, spec.name, wish.format)),
                          extent_of(*recipe, image), wish.format, spec.name, false};
}

Result<RenditionGrant> Deliveries::rendition_of(std::string_view target) const {
  const auto refused = [] {
    return fail(ErrorCode::kForbidden, "This link does not hold or has expired", "Please ask for a fresh one");
  };
  const auto verified = renditions_.verify(target, clock_.now_ms());
  if (!verified || !verified->path.starts_with(kRenditionPath)) return refused();
  const std::string_view rest = std::string_view(verified->path).substr(kRenditionPath.size());
  const std::size_t slash = rest.find('/');
  const auto spec = slash == rest.npos ? std::nullopt : parse_spec(rest.substr(slash + 1));
  if (!spec) return refused();
  return RenditionGrant{std::string(rest.substr(0, slash)),
                        *spec,
                        {verified->expires_at_ms, std::string(verified->parameter(kDownload))}};
}

Result<Image> Deliveries::image_of(const RenditionGrant& grant) {
  auto found =
      read(database_, [&](Transaction& transaction) { return transaction.images().find_by_id(grant.image_id); });
  if (!found) return std::unexpected(found.error());
  auto& image = *found;
  if (!image || !is_there(*image)) return not_found();
  return std::move(*image);
}

ImageFormat Deliveries::format_of(const RenditionGrant& grant, const Image& image, const FormatsRead& read) const {
  if (grant.spec.format) return *grant.spec.format;
  const auto recipe = parse_recipe(grant.spec.name);
  const Extent extent = recipe ? extent_of(*recipe, image) : Extent{image.width_px, image.height_px};
  return best_format(read, image.has_alpha, extent, rules_.avif_pixels_max);
}

}  // namespace tintype::app
