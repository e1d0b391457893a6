#include "adapters/replicate/input.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "adapters/provider_calls/provider_calls.h"

namespace tintype::replicate {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kListMark = "[]";

// Our names of inputs, and what they are called where the operator says nothing; empty: they are not sent then.
constexpr std::array kNames = {
    std::pair("prompt", "prompt"), std::pair("negative_prompt", "negative_prompt"),
    std::pair("image", "image"),   std::pair("mask", "mask"),
    std::pair("seed", "seed"),     std::pair("aspect_ratio", "aspect_ratio"),
    std::pair("scale", "scale"),   std::pair("strength", "lora_scale"),
    std::pair("width", ""),        std::pair("height", ""),
};

const char* usual_name(std::string_view name) {
  const auto found = std::ranges::find_if(kNames, [&](const auto& known) { return name == known.first; });
  return found == kNames.end() ? nullptr : found->second;
}

class Input {
 public:
  explicit Input(const ProviderSettings& settings) : settings_(settings) {
    for (const auto& [name, value] : settings_) {
      if (usual_name(name) != nullptr) continue;
      const Json read = Json::parse(value, nullptr, false);
      object_[name] = read.is_number() || read.is_boolean() ? read : Json(value);
    }
  }

  void add(const char* name, Json value) {
    const auto told = std::ranges::find(settings_, name, &std::pair<std::string, std::string>::first);
    std::string theirs = told == settings_.end() ? usual_name(name) : told->second;
    if (theirs.ends_with(kListMark)) {
      theirs.resize(theirs.size() - kListMark.size());
      value = Json::array({std::move(value)});
    }
    if (!theirs.empty()) object_[theirs] = std::move(value);
  }

  std::string text() const { return object_.dump(-1, ' ', false, Json::error_handler_t::replace); }

 private:
  const ProviderSettings& settings_;
  Json object_ = Json::object();
};

std::string nearest_aspect(double aspect) {
  constexpr std::array<std::pair<int, int>, 11> kAspects = {
      {{1, 1}, {16, 9}, {9, 16}, {21, 9}, {9, 21}, {3, 2}, {2, 3}, {4, 3}, {3, 4}, {5, 4}, {4, 5}}};
  const auto& nearest = *std::ranges::min_element(kAspects, {}, [&](const auto& sides) {
    return std::abs(std::log(static_cast<double>(sides.first) / sides.second / aspect));
  });
  return std::to_string(nearest.first) + ":" + std::to_string(nearest.second);
}

}  // namespace

std::string input_json(const ProviderRequest& request, const InputFiles& files) {
  Input input(request.settings);
  input.add("prompt", request.prompt);
  if (!request.negative_prompt.empty()) input.add("negative_prompt", request.negative_prompt);
  if (!files.picture.empty()) input.add("image", files.picture);
  if (!files.mask.empty()) input.add("mask", files.mask);
  if (request.seed) input.add("seed", *request.seed);
  if (request.scale) input.add("scale", *request.scale);
  if (request.strength) input.add("strength", *request.strength);
  if (request.sides.extent) {
    input.add("width", request.sides.extent->width_px);
    input.add("height", request.sides.extent->height_px);
  }
  if (request.sides.extent || request.sides.aspect) input.add("aspect_ratio", nearest_aspect(*wanted_aspect(request)));
  return input.text();
}

}  // namespace tintype::replicate
