#include "engine/remote/files.h"

#include <algorithm>
#include <cmath>

#include "engine/operation/gate.h"
#include "engine/operation/picture_file.h"
#include "engine/raster/colour.h"
#include "engine/raster/resample.h"

namespace tintype::engine {

namespace {

constexpr int kSentQuality = 95;
constexpr double kSameShape = 0.02;  // shapes that differ by no more than rounding and a grid of pixels

std::unexpected<Error> rejected(const std::string& why) {
  return fail(ErrorCode::kInternal, "The result was no faithful picture", {},
              std::string(kResultRejected) + ": " + why);
}

Result<void> check_memory(std::int64_t bytes, const FileRules& rules) {
  if (bytes <= rules.memory_bytes_max) return {};
  return fail(ErrorCode::kInvalidInput,
              "This would take " + std::to_string(bytes >> 20) + " MB of memory, " +
                  std::to_string(rules.memory_bytes_max >> 20) + " MB are allowed",
              "Please ask for a smaller result, or raise engine.memory_max_bytes", std::string(kResultTooLarge));
}

Result<LoadedPicture> load(const std::filesystem::path& file, const FileRules& rules, const std::atomic<bool>& cancel) {
  const auto bytes = loading_bytes_max(file, rules.limits);
  if (!bytes) return std::unexpected(bytes.error());
  if (auto fits = check_memory(*bytes, rules); !fits) return std::unexpected(fits.error());
  return load_picture(file, rules.limits, cancel);
}

Extent within_side(const Extent& sides, int side_max_px) {
  const int longest = std::max(sides.width_px, sides.height_px);
  if (longest <= side_max_px) return sides;
  const double scale = static_cast<double>(side_max_px) / longest;
  const auto scaled = [&](int side) { return std::max(1, static_cast<int>(std::lround(side * scale))); };
  return {scaled(sides.width_px), scaled(sides.height_px)};
}

double aspect_of(const Extent& sides) {
  return static_cast<double>(sides.width_px) / sides.height_px;
}

bool has_shape(const Extent& sides, double aspect) {
  return std::abs(aspect_of(sides) / aspect - 1) <= kSameShape;
}

// White where `mask` says so, or without alpha there.
Raster drawn_mask(const Field& mask, bool meant_by_alpha) {
  Raster drawn(mask.width, mask.height);
  for (std::size_t at = 0; at < mask.values.size(); ++at) {
    const std::uint8_t meant = byte_of(mask.values[at]);
    std::uint8_t* pixel = drawn.rgba.data() + at * Raster::kChannels;
    std::fill_n(pixel, 3, meant_by_alpha ? 0 : meant);
    pixel[3] = meant_by_alpha ? static_cast<std::uint8_t>(255 - meant) : 255;
  }
  return drawn;
}

// The middle of a picture, of this shape.
Raster cut_to(Raster picture, double aspect) {
  Extent part = picture.extent();
  if (aspect_of(part) > aspect) {
    part.width_px = std::clamp(static_cast<int>(std::lround(part.height_px * aspect)), 1, part.width_px);
  } else {
    part.height_px = std::clamp(static_cast<int>(std::lround(part.width_px / aspect)), 1, part.height_px);
  }
  if (part == picture.extent()) return picture;
  const int left = (picture.width - part.width_px) / 2, top = (picture.height - part.height_px) / 2;
  Raster cut(part.width_px, part.height_px);
  for (int y = 0; y < cut.height; ++y)
    std::copy_n(picture.at(left, top + y), cut.width * Raster::kChannels, cut.row(y));
  return cut;
}

void lay_on(Raster& picture, const std::array<std::uint8_t, 3>& colour) {
  for (std::size_t at = 0; at < picture.rgba.size(); at += Raster::kChannels) {
    const int alpha = picture.rgba[at + 3];
    for (std::size_t channel = 0; channel < 3; ++channel) {
      std::uint8_t& value = picture.rgba[at + channel];
      value = static_cast<std::uint8_t>((value * alpha + colour[channel] * (255 - alpha) + 127) / 255);
    }
    picture.rgba[at + 3] = 255;
  }
}

PictureShape shape_of(const Raster& picture) {
  return {picture.width, picture.height, Raster::kChannels, 1};
}

bool is_constant(const Raster& picture) {
  for (std::size_t at = Raster::kChannels; at < picture.rgba.size(); ++at) {
    if (picture.rgba[at] != picture.rgba[at - Raster::kChannels]) return false;
  }
  return true;
}

WantedSides wanted_sides(const RunRequest& request) {
  const Parameters& parameters = request.parameters;
  const auto sides_in = [](const auto& wishes) { return wishes ? wishes->sides : WantedSides{}; };
  if (request.operation == OperationKind::kEdit) return sides_in(edit_from(parameters));
  if (request.operation == OperationKind::kExpand) return sides_in(expand_from(parameters));
  const bool is_from_words =
      request.operation == OperationKind::kGenerate || request.operation == OperationKind::kFluxLora;
  return is_from_words ? sides_in(generate_from(parameters)) : WantedSides{};
}

std::optional<ImageFormat> wanted_format(const RunRequest& request) {
  if (request.format) return request.format;
  const auto format = request.parameters.find("format");
  return format == request.parameters.end() ? std::nullopt : parse_image_format(format->second);
}

// A cut-out has the subject of the picture in the place where it was.
Result<void> check_cut_out(const Raster& made, const Extent& picture) {
  if (!has_shape(made.extent(), aspect_of(picture))) return rejected("the cut-out has another shape than the picture");
  if (is_opaque(made)) return rejected("nothing was cut out");
  const auto is_seen = [&](std::size_t at) { return made.rgba[at * Raster::kChannels + 3] != 0; };
  for (std::size_t at = 0; at < made.rgba.size() / Raster::kChannels; ++at) {
    if (is_seen(at)) return {};
  }
  return rejected("everything was cut out");
}

Result<Raster> shaped(Raster made, const RunRequest& request, const std::optional<Extent>& picture,
                      const FileRules& rules) {
  if (request.operation == OperationKind::kRemoveBackground && picture) {
    if (auto good = check_cut_out(made, *picture); !good) return std::unexpected(good.error());
  }
  const auto sides = sides_of_result(request, picture.value_or(Extent{}));
  if (request.operation == OperationKind::kUpscale && sides && !has_shape(made.extent(), aspect_of(*sides))) {
    return rejected("it has another shape than the picture");
  }
  const auto aspect = wanted_sides(request).aspect;
  if (!sides && !aspect) return made;
  made = cut_to(std::move(made), sides ? aspect_of(*sides) : static_cast<double>(aspect->width) / aspect->height);
  if (!sides || *sides == made.extent()) return made;
  const std::int64_t bytes = std::int64_t{sides->width_px} * sides->height_px * Raster::kChannels * 2;
  if (auto fits = check_memory(bytes + static_cast<std::int64_t>(made.rgba.size()), rules); !fits) {
    return std::unexpected(fits.error());
  }
  return resized(made, *sides);
}

// See fidelity_details(). A provider may change as much as it likes, unless the user set a floor.
Result<std::string> fidelity_of(const Raster& result, const RunRequest& request, const FileRules& rules,
                                const std::atomic<bool>& cancel) {
  const auto upscale = upscale_from(request.parameters);
  if (!upscale) return std::unexpected(upscale.error());
  const auto picture = load(request.input, rules, cancel);
  if (!picture) return std::unexpected(picture.error());
  Agreement agreement(shape_of(picture->raster), shape_of(result));
  agreement.add_input(picture->raster.rgba);
  agreement.add_result(result.rgba);
  return fidelity_details(agreement.fidelity_db(), upscale->fidelity_min_db);
}

Result<RunOutcome> save(const Raster& result, ImageFormat format, const RunRequest& request, const FileRules& rules) {
  const auto size_bytes = save_picture(result, {.format = format, .quality = rules.quality}, request.output);
  if (!size_bytes) return std::unexpected(size_bytes.error());
  RunOutcome outcome;
  outcome.format = format;
  outcome.width_px = result.width;
  outcome.height_px = result.height;
  outcome.size_bytes = *size_bytes;
  return outcome;
}

}  // namespace

Result<void> write_pictures(const RunRequest& request, const std::filesystem::path& scratch, bool meant_by_alpha,
                            const FileRules& rules, const std::atomic<bool>& cancel, ProviderRequest& asked) {
  if (request.input.empty()) return {};
  auto picture = load(request.input, rules, cancel);
  if (!picture) return std::unexpected(picture.error());
  const Extent sides = within_side(picture->raster.extent(), rules.picture_side_max_px);
  if (sides != picture->raster.extent()) picture->raster = resized(picture->raster, sides);
  asked.picture = scratch.string() + ".picture";
  asked.picture_sides = sides;
  asked.picture_format = is_opaque(picture->raster) ? ImageFormat::kJpeg : ImageFormat::kPng;
  const auto written =
      save_picture(picture->raster, {.format = asked.picture_format, .quality = kSentQuality}, asked.picture);
  if (!written) return std::unexpected(written.error());
  if (request.mask.empty()) return {};
  const auto mask = load(request.mask, rules, cancel);
  if (!mask) return std::unexpected(mask.error());
  asked.mask = scratch.string() + ".drawn";
  const Raster drawn = drawn_mask(mask_of(mask->raster, sides), meant_by_alpha);
  const auto masked = save_picture(drawn, {.format = ImageFormat::kPng}, asked.mask);
  if (!masked) return std::unexpected(masked.error());
  return {};
}

std::optional<Extent> sides_of_result(const RunRequest& request, const Extent& picture) {
  if (request.operation == OperationKind::kRemoveBackground) return picture;
  if (request.operation != OperationKind::kUpscale) return wanted_sides(request).extent;
  const auto upscale = upscale_from(request.parameters);
  const int scale = upscale ? upscale->scale : 1;
  return Extent{picture.width_px * scale, picture.height_px * scale};
}

Result<std::optional<Extent>> canvas_around(const std::filesystem::path& made, const RunRequest& request,
                                            const FileRules& rules) {
  const bool is_users = request.operation == OperationKind::kEdit || request.operation == OperationKind::kExpand;
  const WantedSides wanted = wanted_sides(request);
  if (!is_users || (!wanted.extent && !wanted.aspect)) return std::nullopt;
  const auto facts = inspect(made, rules.limits);
  if (!facts) return std::unexpected(facts.error());
  const Extent sides{facts->width_px, facts->height_px};
  const double aspect =
      wanted.extent ? aspect_of(*wanted.extent) : static_cast<double>(wanted.aspect->width) / wanted.aspect->height;
  if (has_shape(sides, aspect)) return std::nullopt;
  const auto around = [](int side) { return std::min(kStudioSideMaxPx, side); };
  if (aspect_of(sides) < aspect) {
    return Extent{around(static_cast<int>(std::lround(sides.height_px * aspect))), sides.height_px};
  }
  return Extent{sides.width_px, around(static_cast<int>(std::lround(sides.width_px / aspect)))};
}

Result<RunOutcome> finish(const std::filesystem::path& made, const RunRequest& request, const FileRules& rules,
                          const std::atomic<bool>& cancel) {
  auto loaded = load(made, rules, cancel);
  if (!loaded) return std::unexpected(loaded.error());
  if (is_constant(loaded->raster)) return rejected("all of it is one colour");
  ImageFormat format = loaded->facts.format;
  std::optional<Extent> picture;
  if (!request.input.empty()) {
    const auto facts = inspect(request.input, rules.limits);
    if (!facts) return std::unexpected(facts.error());
    picture = Extent{facts->width_px, facts->height_px};
    format = facts->format;
  }
  auto result = shaped(std::move(loaded->raster), request, picture, rules);
  if (!result) return std::unexpected(result.error());
  std::string details;
  if (request.operation == OperationKind::kUpscale) {
    auto fidelity = fidelity_of(*result, request, rules, cancel);
    if (!fidelity) return std::unexpected(fidelity.error());
    details = std::move(*fidelity);
  }
  if (request.operation == OperationKind::kRemoveBackground) {
    const auto wishes = remove_background_from(request.parameters);
    if (!wishes) return std::unexpected(wishes.error());
    if (const auto colour = parse_colour(wishes->background)) lay_on(*result, *colour);
  }
  auto saved =
      save(*result, wanted_format(request).value_or(result_format(format, !is_opaque(*result))), request, rules);
  if (saved) saved->details = std::move(details);
  return saved;
}

}  // namespace tintype::engine
