#include "api/studio/submit_form.h"

#include <fstream>

#include "base/bytes.h"
#include "domain/studio_operation.h"
#include "ports/egress.h"

namespace tintype::api::studio {

namespace {

constexpr std::size_t kIdBytesMax = 128;
constexpr std::size_t kTextBytesMax = 8'192;  // of a parameter; characters are counted later
constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kQuoteBytesMax = 128;

std::unexpected<Error> wrong(std::string_view field, std::string message, std::string suggestion = {}) {
  auto refused = fail(ErrorCode::kInvalidInput, std::move(message), std::move(suggestion));
  refused.error().field = field;
  return refused;
}

Result<void> take_body(http::Request& request) {
  if (!request.file) return {};
  std::ifstream file(request.file->path(), std::ios::binary);
  request.body.resize(static_cast<std::size_t>(request.body_bytes));
  file.read(request.body.data(), static_cast<std::streamsize>(request.body.size()));
  if (file.gcount() != static_cast<std::streamsize>(request.body.size())) {
    return fail_internal("a spooled body is shorter than what came");
  }
  return {};
}

// ---- Pictures

// The bytes of "data:image/png;base64,...", as a file (RFC 2397). What they are is found out from themselves.
Result<app::IncomingFile> file_of(const Surface& surface, std::string_view url, const std::string& field,
                                  std::vector<app::ScratchFile>& files) {
  constexpr std::string_view kBase64 = ";base64";
  const std::size_t comma = url.find(',');
  if (comma == std::string_view::npos || !url.substr(0, comma).ends_with(kBase64)) {
    return wrong(field, field + " must be a data URL in base64", "Please send data:image/png;base64,...");
  }
  const auto bytes = base64_decode(url.substr(comma + 1));
  if (!bytes || bytes->empty()) return wrong(field, field + " is no valid base64");
  const Services& services = surface.services;
  files.emplace_back(app::scratch_folder(services.objects) / new_id(services.random, "data-"));
  std::ofstream file(files.back().path(), std::ios::binary);
  file.write(bytes->data(), static_cast<std::streamsize>(bytes->size()));
  if (!file.flush()) return fail_internal("a data URL could not be written to " + files.back().path().string());
  const auto size_bytes = static_cast<std::int64_t>(bytes->size());
  return app::IncomingFile{"data", files.back().path(), size_bytes, size_bytes > surface.options.data_url_bytes_max};
}

Result<void> take_picture(const Surface& surface, const Json& value, const std::string& field,
                          app::StudioPicture& picture, std::vector<app::ScratchFile>& files) {
  if (!value.is_string()) return wrong(field, field + " must be a string");
  const auto& url = value.get_ref<const std::string&>();
  if (picture.is_there()) return wrong(field, "The picture is named twice");
  if (url.starts_with("data:")) {
    auto file = file_of(surface, url, field, files);
    if (!file) return std::unexpected(file.error());
    picture.file = std::move(*file);
    return {};
  }
  if (url.empty() || url.size() > kUrlBytesMax) {
    return wrong(field, field + " must be a URL of 1 to " + std::to_string(kUrlBytesMax) + " bytes");
  }
  picture.source_url = url;
  return {};
}

// ---- Fields

Result<void> take_field(const Surface& surface, const std::string& name, const Json& value, SubmitForm& form) {
  app::StudioCall& call = form.call;
  if (value.is_null()) return {};
  if (name == "image_url" || name == "imageUrl") return take_picture(surface, value, name, call.picture, form.files);
  if (name == "mask_url" || name == "maskUrl") return take_picture(surface, value, name, call.mask, form.files);
  if (name == "reference_url" || name == "referenceUrl") {
    return take_picture(surface, value, name, call.reference, form.files);
  }
  if (name == "image_id" || name == "imageId") {
    if (!value.is_string() || value.get_ref<const std::string&>().empty() ||
        value.get_ref<const std::string&>().size() > kIdBytesMax) {
      return wrong(name, name + " must be the id of an image");
    }
    if (!call.image_id.empty()) return wrong(name, "The picture is named twice");
    call.image_id = value.get<std::string>();
    return {};
  }
  for (const ParameterRule& rule : studio_operation(call.operation)->parameters) {
    if (rule.name != name) continue;
    auto text = parameter_text(value, rule);
    if (!text) return std::unexpected(text.error());
    call.parameters[name] = std::move(*text);
    return {};
  }
  return wrong(name, std::string(operation_name(call.operation)) + " takes no '" + name.substr(0, kNameBytesMax) + "'",
               "GET /api/ai/operations says what it takes");
}

std::optional<int> priority_of(std::string_view name) {
  if (name == "low") return kLowPriority;
  if (name == "normal") return kNormalPriority;
  if (name == "high") return kHighPriority;
  return std::nullopt;
}

}  // namespace

Result<std::string> parameter_text(const Json& value, const ParameterRule& rule) {
  const std::string name(rule.name);
  switch (rule.type) {
    case ParameterType::kInteger:
    case ParameterType::kNumber:
      if (value.is_number()) return value.dump();
      return wrong(rule.name, name + " must be a number");
    case ParameterType::kStrength:
      if (value.is_number() || value.is_boolean()) return value.dump();
      return wrong(rule.name, name + " must be true, false or a number from 0 to 1");
    case ParameterType::kText:
    case ParameterType::kChoice:
    case ParameterType::kColour:
    case ParameterType::kAspect:
    case ParameterType::kSize:
      if (!value.is_string()) return wrong(rule.name, name + " must be a string");
      if (value.get_ref<const std::string&>().size() > kTextBytesMax) return wrong(rule.name, name + " is too long");
      return value.get<std::string>();
  }
  return std::string();
}

namespace {

enum class Asked { kJob, kPreview };

// What a job is told beside its operation and data.
struct JobWords {
  std::optional<std::string> priority, webhook_url, quote;
};

Result<void> take_job_words(const JobWords& words, app::StudioCall& call) {
  call.webhook_url = words.webhook_url.value_or("");
  call.quote = words.quote.value_or("");
  if (!words.priority) return {};
  const auto known = priority_of(*words.priority);
  if (!known) return wrong("priority", "priority must be low, normal or high");
  call.priority = *known;
  return {};
}

Result<SubmitForm> read_form(const Surface& surface, http::Request& request, Asked asked) {
  if (auto taken = take_body(request); !taken) return std::unexpected(taken.error());
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  const Json nothing = Json::object();
  const auto data = body->find("data");
  ObjectReader fields(*body);
  const auto operation = fields.optional_string("operationType", 1, kNameBytesMax);
  JobWords words;
  if (asked == Asked::kJob) {
    words.priority = fields.optional_string("priority", 1, kNameBytesMax);
    words.webhook_url = fields.optional_string("webhookUrl", 1, kUrlBytesMax);
    words.quote = fields.optional_string("quote", 1, kQuoteBytesMax);
  }
  fields.ignore("data");
  if (auto read = fields.finish(); !read) return std::unexpected(read.error());
  if (!operation) return wrong("operationType", "operationType is required");
  const auto kind = parse_operation(*operation);
  if (!kind || studio_operation(*kind) == nullptr) {
    return wrong("operationType", "There is no operation '" + *operation + "'", "GET /api/ai/operations lists them");
  }
  if (data != body->end() && !data->is_object()) return wrong("data", "data must be an object");
  SubmitForm form;
  form.call.operation = *kind;
  if (auto taken = take_job_words(words, form.call); !taken) return std::unexpected(taken.error());
  for (const auto& [name, value] : (data == body->end() ? nothing : *data).items()) {
    if (auto taken = take_field(surface, name, value, form); !taken) return std::unexpected(taken.error());
  }
  return form;
}

}  // namespace

Result<SubmitForm> read_submit(const Surface& surface, http::Request& request) {
  return read_form(surface, request, Asked::kJob);
}

Result<SubmitForm> read_preview(const Surface& surface, http::Request& request) {
  return read_form(surface, request, Asked::kPreview);
}

}  // namespace tintype::api::studio
