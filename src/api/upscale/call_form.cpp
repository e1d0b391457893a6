#include "api/upscale/call_form.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "api/shared/json_body.h"
#include "base/bytes.h"
#include "ports/egress.h"

namespace tintype::api::upscale {

namespace {

constexpr std::size_t kIdBytesMax = 128;
constexpr std::size_t kWordBytesMax = 64;
constexpr std::size_t kEventsMax = 5;
constexpr std::size_t kMetadataMax = 50, kMetadataNameBytesMax = 64, kMetadataTextBytesMax = 500;
constexpr std::int64_t kSideMaxPx = 1'000'000;

// ---- Forms

// A field of a form in the type that it has in JSON; what cannot be read so stays text, and is refused as such.
Result<Json> field_value(const std::string& name, const std::string& text) {
  constexpr std::array<std::string_view, 7> kNumbersAndFlags = {"scale",   "quality",      "width",       "height",
                                                                "denoise", "enhance_face", "fidelity_min"};
  if (name == "metadata") return parse_json_object(text, name);
  if (name == "webhook_events") {
    Json events = Json::array();
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find(',', begin), text.size());
      events.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
    return events;
  }
  if (std::ranges::find(kNumbersAndFlags, name) == kNumbersAndFlags.end()) return Json(text);
  const Json value = Json::parse(text, nullptr, false);
  return value.is_number() || value.is_boolean() ? value : Json(text);
}

// A form as the JSON that would ask for the same; its file apart.
Result<Json> json_of_form(const http::Request& request, std::optional<app::IncomingFile>& file) {
  Json fields = Json::object();
  for (const http::FormPart& part : request.form) {
    if (!is_valid_utf8(part.name) || (!part.file_name && !is_valid_utf8(part.text))) {
      return fail(ErrorCode::kInvalidInput, "The form is not valid UTF-8");
    }
    if ((part.name == "file") != part.file_name.has_value() || (file && part.file_name)) {
      return fail(ErrorCode::kInvalidInput, "The form has one file part, named 'file'",
                  "Send the picture so, and everything else as fields without a file name");
    }
    if (part.file_name) {
      file = app::IncomingFile{*part.file_name, part.file ? part.file->path() : std::filesystem::path(),
                               part.size_bytes, part.too_large};
      continue;
    }
    if (fields.contains(part.name)) {
      return fail(ErrorCode::kInvalidInput, "The field '" + part.name.substr(0, kWordBytesMax) + "' stands twice");
    }
    auto value = field_value(part.name, part.text);
    if (!value) return std::unexpected(value.error());
    fields[part.name] = std::move(*value);
  }
  return fields;
}

// ---- Fields

// JavaScript would put such a name before all others, and the signed body would be another one than it makes anew.
bool looks_like_integer(const std::string& name) {
  return std::ranges::all_of(name, [](unsigned char c) { return std::isdigit(c) != 0; }) &&
         (name.size() == 1 || name.front() != '0');
}

Result<std::string> metadata_of(const std::optional<std::vector<std::pair<std::string, std::string>>>& texts) {
  if (!texts) return std::string();
  JsonText json;
  for (const auto& [name, text] : *texts) {
    if (looks_like_integer(name)) {
      return fail(ErrorCode::kInvalidInput, "metadata has a name that looks like an integer: '" + name + "'",
                  "Please put a letter before it");
    }
    json.add(name, text);
  }
  return std::move(json).text();
}

Result<WebhookEvents> events_of(const std::optional<std::vector<std::string>>& names) {
  if (!names) return WebhookEvents::defaults();
  WebhookEvents events;
  for (const std::string& name : *names) {
    const auto event = parse_webhook_event(name);
    if (!event || *event == WebhookEvent::kPing) {
      return fail(ErrorCode::kInvalidInput, "There is no event '" + name + "'",
                  "There are: job.started, job.progress, job.completed, job.failed, job.cancelled");
    }
    events.add(*event);
  }
  return events;
}

Result<void> read_upscale(ObjectReader& fields, Upscale& upscale) {
  upscale.scale = static_cast<int>(fields.optional_integer("scale", 2, 8).value_or(upscale.scale));
  upscale.face_strength = fields.optional_strength("enhance_face", kFaceStrengthDefault).value_or(0);
  upscale.denoise = fields.optional_strength("denoise", kDenoiseStrengthDefault).value_or(0);
  upscale.fidelity_min_db = static_cast<int>(fields.optional_integer("fidelity_min", 1, kFidelityMaxDb).value_or(0));
  upscale.model = fields.optional_string("model", 1, kWordBytesMax).value_or("");
  const auto format = fields.optional_string("output_format", 1, kWordBytesMax);
  const auto quality = fields.optional_integer("quality", 1, 100);
  if (quality) upscale.quality = static_cast<int>(*quality);
  if (format) {
    upscale.output_format = parse_image_format(*format);
    if (!upscale.output_format || !is_upscale_format(*upscale.output_format)) {
      return fail(ErrorCode::kInvalidInput, "output_format cannot be '" + *format + "'",
                  "It is one of jpeg, png, webp, avif and tiff");
    }
  }
  if (!is_upscale_scale(upscale.scale)) return fail(ErrorCode::kInvalidInput, "scale must be 2, 3, 4 or 8");
  return {};
}

Result<void> check_sources(const app::UpscaleCall& call) {
  const int sources =
      (call.source_url.empty() ? 0 : 1) + (call.image_id.empty() ? 0 : 1) + (call.file.has_value() ? 1 : 0);
  if (sources == 1) return {};
  return fail(ErrorCode::kInvalidInput, sources == 0 ? "There is no picture" : "There is more than one picture",
              "Please give one of image_url, image_id and a file");
}

Result<std::optional<Extent>> read_sides(ObjectReader& fields) {
  const auto width = fields.optional_integer("width", 1, kSideMaxPx);
  const auto height = fields.optional_integer("height", 1, kSideMaxPx);
  if (width.has_value() != height.has_value()) {
    return fail(ErrorCode::kInvalidInput, "Please give both width and height, or neither");
  }
  if (!width) return std::nullopt;
  return Extent{static_cast<int>(*width), static_cast<int>(*height)};
}

}  // namespace

Result<CallForm> read_call(const http::Request& request, CallKind kind) {
  CallForm form;
  app::UpscaleCall& call = form.call;
  const bool is_form = media_type_of(request).starts_with("multipart/form-data");
  const auto body = is_form ? json_of_form(request, call.file) : parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  call.source_url = fields.optional_string("image_url", 1, kUrlBytesMax).value_or("");
  call.image_id = fields.optional_string("image_id", 1, kIdBytesMax).value_or("");
  call.webhook_url = fields.optional_string("webhook_url", 1, kUrlBytesMax).value_or("");
  const auto events = fields.optional_strings("webhook_events", kEventsMax, kWordBytesMax);
  const auto texts = fields.optional_texts("metadata", kMetadataMax, kMetadataNameBytesMax, kMetadataTextBytesMax);
  const auto upscale = read_upscale(fields, call.upscale);
  const auto sides = kind == CallKind::kEstimate ? read_sides(fields) : std::optional<Extent>();
  if (auto read = fields.finish(); !read) return std::unexpected(read.error());
  if (!upscale) return std::unexpected(upscale.error());
  if (!sides) return std::unexpected(sides.error());
  if (auto one = check_sources(call); !one) return std::unexpected(one.error());
  if (*sides && call.source_url.empty()) {
    return fail(ErrorCode::kInvalidInput, "width and height are for an image_url", "What is here is measured");
  }
  form.sides = *sides;
  if (events && call.webhook_url.empty()) {
    return fail(ErrorCode::kInvalidInput, "webhook_events needs a webhook_url");
  }
  const auto wanted = events_of(events);
  if (!wanted) return std::unexpected(wanted.error());
  call.webhook_events = *wanted;
  auto metadata = metadata_of(texts);
  if (!metadata) return std::unexpected(metadata.error());
  call.metadata = std::move(*metadata);
  return form;
}

}  // namespace tintype::api::upscale
