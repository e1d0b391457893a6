#include "adapters/openai/openai_provider.h"

#include <nlohmann/json.hpp>

#include "adapters/openai/image_size.h"
#include "base/bytes.h"

namespace tintype {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kSentPermille = 50, kAnsweredPermille = 800, kFetchedPermille = 950;
constexpr int kOk = 200;
constexpr int kTooMany = 429;

struct ApiError {
  std::string code, type, message;
};

Json parsed(const std::string& body) {
  return Json::parse(body, nullptr, false);
}

std::string text_at(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

ApiError error_in(const std::string& body) {
  const Json answer = parsed(body);
  if (!answer.is_object() || !answer.contains("error")) return {};
  const Json& error = answer["error"];
  if (error.is_string()) return {{}, {}, error.get<std::string>()};
  return {text_at(error, "code"), text_at(error, "type"), text_at(error, "message")};
}

// No money is left, which no pause mends.
bool is_out_of_money(const OutboundResponse& response) {
  if (response.status != kTooMany) return false;
  const ApiError error = error_in(response.body);
  return error.code == "insufficient_quota" || error.code == "billing_hard_limit_reached";
}

bool is_refusal(const ApiError& error) {
  return error.code == "moderation_blocked" || error.code == "content_policy_violation" ||
         error.type == "image_generation_user_error";
}

bool is_free_model(const std::string& model) {
  return !openai::is_gpt_image(model) && !openai::is_dalle(model);
}

// OpenAI's own models know no negative prompts.
std::string prompt_of(const ProviderRequest& request) {
  if (request.negative_prompt.empty() || is_free_model(request.model)) return request.prompt;
  return request.prompt + "\nThere must be none of this in the picture: " + request.negative_prompt;
}

// What is said of the result, by names; words as they stand in a form.
std::vector<std::pair<std::string, std::string>> fields_of(const ProviderRequest& request) {
  std::vector<std::pair<std::string, std::string>> fields = {
      {"model", request.model}, {"prompt", prompt_of(request)}, {"n", "1"}};
  if (const auto size = openai::size_for(request)) fields.emplace_back("size", *size);
  if (openai::is_gpt_image(request.model)) {
    fields.emplace_back("output_format", "png");
    if (request.wants_alpha) fields.emplace_back("background", "transparent");
  } else {
    fields.emplace_back("response_format", "b64_json");
  }
  if (is_free_model(request.model)) {
    if (!request.negative_prompt.empty()) fields.emplace_back("negative_prompt", request.negative_prompt);
    if (request.seed) fields.emplace_back("seed", std::to_string(*request.seed));
  }
  for (const auto& [name, value] : request.settings) {
    if (name == "sizes") continue;
    std::erase_if(fields, [&](const auto& field) { return field.first == name; });
    fields.emplace_back(name, value);
  }
  return fields;
}

// Settings come as text: numbers, true and false are those of JSON.
Json json_of(const std::string& name, const std::string& value) {
  if (name == "prompt" || name == "negative_prompt" || name == "model") return value;
  const Json read = parsed(value);
  return read.is_number() || read.is_boolean() ? read : Json(value);
}

OutboundCall generation(const ProviderRequest& request) {
  Json body = Json::object();
  for (const auto& [name, value] : fields_of(request)) body[name] = json_of(name, value);
  return {.url = "/images/generations",
          .headers = {{"Content-Type", "application/json"}},
          .body = body.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

OutboundCall edit(const ProviderRequest& request) {
  OutboundCall call{.url = "/images/edits"};
  for (const auto& [name, value] : fields_of(request)) call.form.push_back({name, value, {}, {}});
  call.form.push_back({"image", {}, request.picture, image_format_media_type(request.picture_format)});
  if (!request.mask.empty()) call.form.push_back({"mask", {}, request.mask, "image/png"});
  return call;
}

}  // namespace

OpenAiProvider::OpenAiProvider(OutboundHttp& http, Egress& egress, ProviderAccount account,
                               const ProviderCallRules& rules, ProviderPause pause)
    : calls_(http, egress, std::move(account), rules, std::move(pause), is_out_of_money) {}

bool OpenAiProvider::takes(OperationKind operation) const {
  switch (operation) {
    case OperationKind::kGenerate:
    case OperationKind::kFluxLora:
    case OperationKind::kEdit:
    case OperationKind::kMagicEdit:
    case OperationKind::kRemoveBackground:
    case OperationKind::kRelight:
    case OperationKind::kExpand:
    case OperationKind::kCameraControl: return true;
    case OperationKind::kEnhance:
    case OperationKind::kUpscale:
    case OperationKind::kProbe:
    case OperationKind::kVariants:
    case OperationKind::kMagicPrompt:
    case OperationKind::kVideoReplicate: return false;
  }
  return false;
}

Result<void> OpenAiProvider::run(const ProviderRequest& request, RunControl& control) {
  const Deadline deadline = Deadline::after(calls_.rules().run_timeout);
  advance(control, kSentPermille);
  const auto answer =
      calls_.send(request.picture.empty() ? generation(request) : edit(request), deadline, control.cancel);
  if (!answer) return std::unexpected(answer.error());
  if (answer->status != kOk) {
    const ApiError error = error_in(answer->body);
    if (is_refusal(error)) return provider_refused(calls_.told(error.message));
    return calls_.failure_of(*answer, error.message);
  }
  advance(control, kAnsweredPermille);
  const Json body = parsed(answer->body);
  if (!body.is_object() || !body.contains("data") || !body["data"].is_array() || body["data"].empty()) {
    return provider_garbled("no data in the answer");
  }
  const Json& made = body["data"].front();
  if (const std::string coded = text_at(made, "b64_json"); !coded.empty()) {
    const auto bytes = base64_decode(coded);
    if (!bytes) return provider_garbled("b64_json is no base64");
    if (auto written = write_file(request.output, *bytes); !written) return written;
  } else if (const std::string url = text_at(made, "url"); !url.empty()) {
    if (auto fetched = calls_.fetch(url, request.output, deadline, control.cancel); !fetched) return fetched;
  } else {
    return provider_garbled("neither b64_json nor url in the answer");
  }
  advance(control, kFetchedPermille);
  return {};
}

}  // namespace tintype
