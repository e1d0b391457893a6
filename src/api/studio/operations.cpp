// What there is to ask for: each operation with its price and its parameters as JSON Schema (draft 2020-12), from the
// descriptions by which requests are checked.
#include <charconv>

#include "api/studio/view.h"
#include "domain/studio_operation.h"

namespace tintype::api::studio {

namespace {

const char* need_name(Need need) {
  switch (need) {
    case Need::kNone: return "none";
    case Need::kMay: return "optional";
    case Need::kMust: return "required";
  }
  return "none";
}

const char* result_name(ResultKind kind) {
  switch (kind) {
    case ResultKind::kPicture: return "image";
    case ResultKind::kClip: return "video";
    case ResultKind::kText: return "text";
  }
  return "image";
}

void add_range(JsonText& schema, const ParameterRule& rule) {
  if (rule.type == ParameterType::kInteger) {
    schema.add("minimum", static_cast<std::int64_t>(rule.least)).add("maximum", static_cast<std::int64_t>(rule.most));
  } else {
    schema.add("minimum", rule.least).add("maximum", rule.most);
  }
}

void add_default(JsonText& schema, const ParameterRule& rule) {
  if (rule.fallback.empty()) return;
  double number = 0;
  const auto [end, error] = std::from_chars(rule.fallback.begin(), rule.fallback.end(), number);
  const bool is_number = rule.type == ParameterType::kInteger || rule.type == ParameterType::kNumber ||
                         rule.type == ParameterType::kStrength;
  if (!is_number || error != std::errc()) {
    schema.add("default", rule.fallback);
  } else if (rule.type == ParameterType::kInteger) {
    schema.add("default", static_cast<std::int64_t>(number));
  } else {
    schema.add("default", number);
  }
}

JsonText schema_of(const ParameterRule& rule) {
  JsonText schema;
  switch (rule.type) {
    case ParameterType::kText:
      schema.add("type", "string").add("minLength", static_cast<std::int64_t>(rule.least));
      schema.add("maxLength", static_cast<std::int64_t>(rule.most));
      break;
    case ParameterType::kInteger:
      schema.add("type", "integer");
      add_range(schema, rule);
      break;
    case ParameterType::kNumber:
      schema.add("type", "number");
      add_range(schema, rule);
      break;
    case ParameterType::kStrength:
      schema.add("type", JsonText::array({"boolean", "number"}));
      add_range(schema, rule);
      break;
    case ParameterType::kChoice: {
      JsonText choices = JsonText::array();
      for (const std::string_view choice : rule.choices) choices.push_back(choice);
      schema.add("type", "string").add("enum", choices);
      break;
    }
    case ParameterType::kColour: schema.add("type", "string").add("format", "colour"); break;
    case ParameterType::kAspect:
      schema.add("type", "string").add("pattern", "^[1-9][0-9]{0,2}:[1-9][0-9]{0,2}$");
      break;
    case ParameterType::kSize: schema.add("type", "string"); break;
  }
  add_default(schema, rule);
  schema.add("description", rule.meaning);
  return schema;
}

JsonText picture_schema(const char* meaning) {
  return {{"type", "string"}, {"format", "uri"}, {"description", meaning}};
}

JsonText parameters_json(const OperationRule& rule) {
  JsonText properties, required = JsonText::array();
  if (rule.picture != Need::kNone) {
    properties.add("image_url", picture_schema("The picture: an http, https or data URL"));
    properties.add("image_id", {{"type", "string"}, {"description", "The picture: one of the caller's images"}});
  }
  if (rule.mask != Need::kNone)
    properties.add("mask_url", picture_schema("A mask: white, or opaque, is what is meant"));
  if (rule.reference != Need::kNone) properties.add("reference_url", picture_schema("A picture to go by"));
  for (const ParameterRule& parameter : rule.parameters) {
    properties.add(parameter.name, schema_of(parameter));
    if (parameter.is_required) required.push_back(parameter.name);
  }
  return {{"type", "object"}, {"properties", properties}, {"required", required}, {"additionalProperties", false}};
}

Result<http::Response> list(const Surface& surface, http::Request&) {
  JsonText operations = JsonText::array();
  for (const OperationRule& rule : studio_operations()) {
    const JsonText inputs{
        {"image", need_name(rule.picture)}, {"mask", need_name(rule.mask)}, {"reference", need_name(rule.reference)}};
    operations.push_back(JsonText{{"operationType", operation_name(rule.kind)},
                                  {"title", rule.title},
                                  {"description", rule.meaning},
                                  {"cost", surface.services.studio_jobs.price_of(rule.kind)},
                                  {"ready", surface.services.studio_jobs.is_ready(rule.kind)},
                                  {"result", result_name(rule.result)},
                                  {"inputs", inputs},
                                  {"parameters", parameters_json(rule)}});
  }
  return json_response(200, {{"operations", operations}});
}

}  // namespace

void add_operation_routes(http::Router& router, const Surface& surface) {
  add_route(router, surface, http::Method::kGet, "/api/ai/operations", list, {.place = http::Place::kInPlace});
}

}  // namespace tintype::api::studio
