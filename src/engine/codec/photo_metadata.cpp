#include "engine/codec/photo_metadata.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <map>

#include "engine/codec/source.h"

namespace tintype::engine {

namespace {

constexpr std::string_view kPrefix = "exif-ifd";  // then the directory's digit, "-" and the tag's name
constexpr char kThumbnailsDirectory = '1';        // speaks of a small picture in the header, not of this one
constexpr std::size_t kNumbersMax = 16;           // that are read of one tag

// A tag as libvips has it: "1/250 (1/250 sec., Rational, 1 components, 8 bytes)".
struct Tag {
  std::string name;
  std::string raw;   // the number as it is
  std::string text;  // what it means
};

// Valid UTF-8 of at most kPhotoValueBytesMax bytes, without blanks around it.
std::string clean(std::string_view text) {
  const std::unique_ptr<char, void (*)(void*)> made(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())),
                                                    g_free);
  std::string valid(made.get());
  if (valid.size() > kPhotoValueBytesMax) {
    std::size_t end = kPhotoValueBytesMax;
    while (end > 0 && (static_cast<unsigned char>(valid[end]) & 0xc0) == 0x80) --end;
    valid.resize(end);
  }
  const std::size_t begin = valid.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return {};
  return valid.substr(begin, valid.find_last_not_of(" \t\r\n") + 1 - begin);
}

// "value (value" with the same text twice, which may have brackets of its own. What is long is cut off by libvips, at
// the end or within the bracket.
std::string text_of_ascii(std::string_view said) {
  const std::size_t half = said.size() < 2 ? 0 : (said.size() - 2) / 2;
  if (said.size() % 2 == 0 && said.substr(half).starts_with(" (") && said.ends_with(said.substr(0, half))) {
    return clean(said.substr(0, half));
  }
  constexpr std::size_t kSameBytes = 16;
  for (std::size_t at = said.find(" ("); at != std::string_view::npos; at = said.find(" (", at + 1)) {
    if (said.substr(at + 2).starts_with(said.substr(0, std::min(at, kSameBytes)))) return clean(said.substr(0, at));
  }
  return clean(said);
}

// Nothing of what is binary.
std::optional<Tag> tag_of(std::string_view name, std::string_view said) {
  if (said == "<invalid utf-8 string>") return std::nullopt;  // libvips' words
  Tag tag{std::string(name), {}, {}};
  const std::size_t end = said.rfind(" components, ");
  const std::size_t count = end == std::string_view::npos ? end : said.rfind(", ", end);
  const std::size_t type = count == std::string_view::npos || count == 0 ? count : said.rfind(", ", count - 1);
  const std::size_t bracket = said.find(" (");
  if (type == std::string_view::npos || said.substr(type, count - type) == ", ASCII") {
    tag.raw = tag.text = text_of_ascii(said.substr(0, type));
  } else if (bracket != std::string_view::npos && bracket + 2 <= type) {
    tag.raw = clean(said.substr(0, bracket));
    tag.text = clean(said.substr(bracket + 2, type - bracket - 2));
  }
  const bool is_binary = std::ranges::any_of(tag.text, [](char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    return (byte < 0x20 && letter != '\t' && letter != '\r' && letter != '\n') || byte == 0x7f;
  });
  if (tag.text.empty() || is_binary || tag.text.ends_with("bytes undefined data")) return std::nullopt;
  return tag;
}

std::optional<double> number_of(std::string_view text) {
  const auto whole = [](std::string_view digits) -> std::optional<double> {
    std::int64_t value = 0;
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (fault != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return static_cast<double>(value);
  };
  const std::size_t slash = text.find('/');
  const auto above = whole(text.substr(0, slash));
  if (slash == std::string_view::npos || !above) return above;
  const auto below = whole(text.substr(slash + 1));
  if (!below || *below == 0) return std::nullopt;
  return *above / *below;
}

using Numbers = std::vector<std::optional<double>>;

// "52/1 31/1 12/1".
Numbers numbers_of(std::string_view text) {
  Numbers numbers;
  while (!text.empty() && numbers.size() < kNumbersMax) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) numbers.push_back(number_of(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return numbers;
}

// The tags by name. A name that is there twice counts once.
class Tags {
 public:
  void add(Tag tag) { tags_.emplace(tag.name, std::move(tag)); }

  std::string text(const char* name) const {
    const auto found = tags_.find(name);
    return found == tags_.end() ? std::string() : found->second.text;
  }
  Numbers numbers(const char* name) const {
    const auto found = tags_.find(name);
    return found == tags_.end() ? Numbers() : numbers_of(found->second.raw);
  }
  std::optional<double> number(const char* name) const {
    const Numbers all = numbers(name);
    return all.empty() ? std::nullopt : all.front();
  }
  // Cameras write 0 for what they do not know.
  std::optional<double> positive(const char* name) const {
    const auto value = number(name);
    return value && *value > 0 ? value : std::nullopt;
  }

 private:
  std::map<std::string, Tag, std::less<>> tags_;
};

// "2024:05:01 12:30:00" as ISO 8601; empty for what is no time.
std::string time_of(const std::string& text) {
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0;
  constexpr std::size_t kLength = 19;
  if (text.size() != kLength ||
      std::sscanf(text.c_str(), "%4d:%2u:%2u %2u:%2u:%2u", &year, &month, &day, &hour, &minute, &second) != 6) {
    return {};
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (year <= 0 || !date.ok() || hour > 23 || minute > 59 || second > 59) return {};
  std::array<char, 32> iso{};
  std::snprintf(iso.data(), iso.size(), "%04d-%02u-%02uT%02u:%02u:%02u", year, month, day, hour, minute, second);
  return iso.data();
}

// Degrees, minutes and seconds, and which half of the globe.
std::optional<double> degrees_of(const Numbers& parts, std::string_view half, std::string_view halves, double most) {
  if (parts.size() != 3 || half.size() != 1 || halves.find(half) == std::string_view::npos) return std::nullopt;
  double degrees = 0;
  for (std::size_t at = 0; at < parts.size(); ++at) {
    if (!parts[at] || *parts[at] < 0) return std::nullopt;
    degrees += *parts[at] / std::pow(60.0, static_cast<double>(at));
  }
  if (degrees > most) return std::nullopt;
  return half == halves.substr(0, 1) ? degrees : -degrees;
}

std::optional<PhotoPlace> place_of(const Tags& tags) {
  const auto latitude = degrees_of(tags.numbers("GPSLatitude"), tags.text("GPSLatitudeRef"), "NS", 90);
  const auto longitude = degrees_of(tags.numbers("GPSLongitude"), tags.text("GPSLongitudeRef"), "EW", 180);
  if (!latitude || !longitude) return std::nullopt;
  PhotoPlace place{*latitude, *longitude, tags.number("GPSAltitude")};
  const bool is_below_the_sea = tags.number("GPSAltitudeRef") == 1.0;
  if (place.altitude_m && is_below_the_sea) place.altitude_m = -*place.altitude_m;
  return place;
}

std::optional<int> orientation_of(VipsImage* image) {
  if (vips_image_get_typeof(image, VIPS_META_ORIENTATION) == 0) return std::nullopt;
  return vips_image_get_orientation(image);  // 1 to 8, whatever is there
}

std::vector<Tag> tags_of(VipsImage* image) {
  std::vector<Tag> tags;
  const std::unique_ptr<char*, void (*)(char**)> names(vips_image_get_fields(image), g_strfreev);
  for (char** at = names.get(); at != nullptr && *at != nullptr && tags.size() < kPhotoFieldsMax; ++at) {
    const std::string_view name = *at;
    const std::size_t begin = kPrefix.size() + 2;
    if (!name.starts_with(kPrefix) || name.size() <= begin || name[kPrefix.size()] == kThumbnailsDirectory) continue;
    const char* said = nullptr;
    if (vips_image_get_string(image, *at, &said) != 0) continue;
    if (auto tag = tag_of(name.substr(begin), said)) tags.push_back(std::move(*tag));
  }
  return tags;
}

}  // namespace

Result<PhotoMetadata> read_photo_metadata(const std::filesystem::path& file, const ImageLimits& limits) {
  const auto source = open_source(file, limits);
  if (!source) return std::unexpected(source.error());
  PhotoMetadata metadata;
  metadata.orientation = orientation_of(source->image.get());
  Tags tags;
  for (Tag& tag : tags_of(source->image.get())) {
    metadata.fields.push_back({tag.name, tag.text});
    tags.add(std::move(tag));
  }
  metadata.taken_at = time_of(tags.text("DateTimeOriginal"));
  if (metadata.taken_at.empty()) metadata.taken_at = time_of(tags.text("DateTimeDigitized"));
  metadata.make = tags.text("Make");
  metadata.model = tags.text("Model");
  metadata.lens = tags.text("LensModel");
  metadata.software = tags.text("Software");
  metadata.exposure = {tags.positive("ExposureTime"), tags.positive("FNumber"), tags.positive("ISOSpeedRatings"),
                       tags.positive("FocalLength"), tags.positive("FocalLengthIn35mmFilm")};
  if (const auto flash = tags.number("Flash")) metadata.flash = std::fmod(*flash, 2) == 1;
  metadata.place = place_of(tags);
  return metadata;
}

}  // namespace tintype::engine
