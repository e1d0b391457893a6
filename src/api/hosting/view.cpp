#include "api/hosting/view.h"

#include "api/shared/authenticate.h"

namespace tintype::api::hosting {

void add_route(http::Router& router, const Surface& surface, http::Method method, const char* pattern, Handle handle,
               RouteOptions options) {
  const Services& services = surface.services;
  const bool has_body = options.body_bytes_max > 0;
  router.add({.method = method,
              .pattern = pattern,
              .handler = handler([surface, handle](http::Request& request) { return handle(surface, request); }),
              .body = {has_body ? http::BodyKind::kMemory : http::BodyKind::kNone, options.body_bytes_max},
              .place = options.place,
              .admit = options.admit ? std::move(options.admit) : admit_user(services),
              .admit_place = admit_place(services)});
}

JsonText strings_json(const std::vector<std::string>& strings) {
  JsonText list = JsonText::array();
  for (const std::string& string : strings) list.push_back(string);
  return list;
}

namespace {

// Facts of the original, once it has arrived.
JsonText original_json(const Image& image) {
  const bool arrived = image.state != ImageState::kUploadPending;
  const auto known = [&](auto value) { return arrived ? std::optional(value) : std::nullopt; };
  return {{"width", known(image.width_px)},
          {"height", known(image.height_px)},
          {"format", image_format_name(image.format)},
          {"size_bytes", image.size_bytes}};
}

// A line for each name, whatever its formats: ready when one of them is to be had.
JsonText variants_json(const std::vector<Variant>& variants) {
  JsonText list = JsonText::array();
  for (const char* name : {"thumb", "medium", "large"}) {
    const Variant* best = nullptr;
    for (const Variant& variant : variants) {
      if (variant.name == name && (best == nullptr || variant.state == VariantState::kReady)) best = &variant;
    }
    if (best == nullptr) continue;
    list.push_back({{"name", best->name},
                    {"width", best->width_px},
                    {"height", best->height_px},
                    {"status", variant_state_name(best->state)}});
  }
  return list;
}

}  // namespace

JsonText image_json(const app::ImageDetail& detail, const std::optional<Principal>& viewer) {
  const Image& image = detail.image;
  JsonText json = {{"image_id", image.id},
                   {"owner_id", image.user_id},
                   {"visibility", visibility_name(image.visibility)},
                   {"title", null_or(image.title)},
                   {"description", null_or(image.description)},
                   {"tags", strings_json(detail.tags)},
                   {"created_at_ms", image.created_at_ms},
                   {"updated_at_ms", image.updated_at_ms},
                   {"original", original_json(image)},
                   {"variants", variants_json(detail.variants)},
                   {"thumb_hash", null_or(image.thumb_hash)},
                   {"status", image_state_name(image.state)}};
  if (viewer && viewer->user_id == image.user_id) {
    json.add("filename", image.name);
    json.add("view_count", image.view_count);
    json.add("sha256", null_or(image.sha256));
    json.add("fault", fault_json(image.fault));
  }
  return json;
}

std::optional<JsonText> fault_json(const std::optional<ImageFault>& fault) {
  if (!fault) return std::nullopt;
  return JsonText{{"code", fault->code}, {"detail", fault->message}};
}

JsonText photo_metadata_json(std::string_view image_id, const PhotoMetadata& metadata) {
  const auto& [time_seconds, f_number, iso, focal_length_mm, focal_length_35mm] = metadata.exposure;
  JsonText fields = JsonText::array();
  for (const PhotoField& field : metadata.fields) fields.push_back({{"name", field.name}, {"value", field.value}});
  std::optional<JsonText> camera, location;
  if (!metadata.make.empty() || !metadata.model.empty()) {
    camera = JsonText{{"make", null_or(metadata.make)}, {"model", null_or(metadata.model)}};
  }
  if (const auto& place = metadata.place) {
    location =
        JsonText{{"latitude", place->latitude}, {"longitude", place->longitude}, {"altitude_m", place->altitude_m}};
  }
  return {{"image_id", image_id},
          {"taken_at", null_or(metadata.taken_at)},
          {"camera", camera},
          {"lens", null_or(metadata.lens)},
          {"exposure",
           {{"time_seconds", time_seconds},
            {"f_number", f_number},
            {"iso", iso},
            {"focal_length_mm", focal_length_mm},
            {"focal_length_35mm", focal_length_35mm}}},
          {"flash", metadata.flash},
          {"software", null_or(metadata.software)},
          {"location", location},
          {"orientation", metadata.orientation},
          {"fields", fields}};
}

JsonText image_item_json(const Image& image) {
  JsonText json = {{"image_id", image.id},
                   {"title", null_or(image.title)},
                   {"filename", image.name},
                   {"visibility", visibility_name(image.visibility)},
                   {"created_at_ms", image.created_at_ms},
                   {"original", original_json(image)},
                   {"thumb_hash", null_or(image.thumb_hash)},
                   {"status", image_state_name(image.state)}};
  if (image.deletes_at_ms) json.add("deletes_at_ms", *image.deletes_at_ms);
  return json;
}

JsonText outline_json(const std::vector<ImageOutline>& images, const std::optional<std::string>& next_cursor) {
  JsonText ids = JsonText::array(), widths = ids, heights = ids, times = ids;
  for (const ImageOutline& image : images) {
    ids.push_back(image.id);
    widths.push_back(image.width_px);
    heights.push_back(image.height_px);
    times.push_back(image.created_at_ms);
  }
  return {{"image_ids", ids},
          {"widths", widths},
          {"heights", heights},
          {"created_at_ms", times},
          {"next_cursor", next_cursor}};
}

JsonText found_image_json(const Image& image, const std::optional<Principal>& viewer) {
  JsonText json = {{"image_id", image.id},
                   {"owner_id", image.user_id},
                   {"title", null_or(image.title)},
                   {"visibility", visibility_name(image.visibility)},
                   {"created_at_ms", image.created_at_ms},
                   {"original", original_json(image)},
                   {"thumb_hash", null_or(image.thumb_hash)},
                   {"status", image_state_name(image.state)}};
  if (viewer && viewer->user_id == image.user_id) json.add("filename", image.name);
  return json;
}

}  // namespace tintype::api::hosting
