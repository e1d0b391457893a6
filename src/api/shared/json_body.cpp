#include "api/shared/json_body.h"

#include <algorithm>
#include <cctype>

#include "base/bytes.h"

namespace tintype::api {

namespace {

std::unexpected<Error> invalid(std::string message, std::string suggestion = {}) {
  return fail(ErrorCode::kInvalidInput, std::move(message), std::move(suggestion));
}

// What nlohmann's parser lets through by itself: depth without end, and a key twice.
class StrictBuilder {
 public:
  bool event(int depth, Json::parse_event_t event, const Json& parsed) {
    using Event = Json::parse_event_t;
    if (event == Event::object_start || event == Event::array_start) {
      if (depth >= kJsonDepthMax) too_deep_ = true;
      keys_.emplace_back();
    } else if (event == Event::object_end || event == Event::array_end) {
      keys_.pop_back();
    } else if (event == Event::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      auto& seen = keys_.back();
      if (std::find(seen.begin(), seen.end(), key) != seen.end() && twice_.empty()) twice_ = key;
      seen.push_back(key);
    }
    return !too_deep_;
  }
  bool too_deep() const { return too_deep_; }
  const std::string& twice() const { return twice_; }

 private:
  bool too_deep_ = false;
  std::string twice_;
  std::vector<std::vector<std::string>> keys_;
};

}  // namespace

std::string media_type_of(const http::Request& request) {
  const std::string_view field = request.headers.find("content-type").value_or("");
  std::string type;
  for (const char c : field.substr(0, field.find(';'))) {
    if (c != ' ' && c != '\t') type.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  return type;
}

Result<Json> parse_json_body(const http::Request& request) {
  if (media_type_of(request) != "application/json") {
    return fail(ErrorCode::kUnsupportedMediaType, "The body must be JSON",
                "Please send Content-Type: application/json");
  }
  return parse_json_object(request.body, "The body");
}

Result<Json> parse_json_object(std::string_view text, const std::string& what) {
  if (!is_valid_utf8(text)) return invalid(what + " is not valid UTF-8");
  StrictBuilder strict;
  Json parsed = Json::parse(
      text, [&](int depth, Json::parse_event_t event, Json& value) { return strict.event(depth, event, value); },
      false);
  if (strict.too_deep()) return invalid(what + " is nested too deeply");
  if (parsed.is_discarded()) return invalid(what + " is not valid JSON");
  if (!parsed.is_object()) return invalid(what + " must be a JSON object");
  if (!strict.twice().empty()) return invalid("The field '" + strict.twice().substr(0, 64) + "' stands twice");
  return parsed;
}

ObjectReader::ObjectReader(const Json& object, std::string path) : object_(object), path_(std::move(path)) {}

const Json* ObjectReader::take(std::string_view name) {
  known_.emplace_back(name);
  field_ = path_ + std::string(name);
  const auto found = object_.find(std::string(name));
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

void ObjectReader::refuse(const std::string& message) {
  if (error_) return;
  error_ = Error{ErrorCode::kInvalidInput, path_ + message};
  error_->field = field_;
}

std::string ObjectReader::required_string(std::string_view name, std::size_t length_min, std::size_t length_max) {
  auto text = optional_string(name, length_min, length_max);
  if (!text) {
    refuse("Please provide " + std::string(name));
    return {};
  }
  return *text;
}

std::optional<std::string> ObjectReader::optional_string(std::string_view name, std::size_t length_min,
                                                         std::size_t length_max) {
  const Json* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    refuse(std::string(name) + " must be a string");
    return std::string();
  }
  auto text = value->get<std::string>();
  if (text.size() < length_min) refuse(std::string(name) + " must not be empty");
  if (text.size() > length_max) refuse(std::string(name) + " is longer than " + std::to_string(length_max) + " bytes");
  if (text.find('\0') != std::string::npos) refuse(std::string(name) + " holds a zero character");
  return text;
}

bool ObjectReader::required_bool(std::string_view name) {
  const Json* value = take(name);
  if (value == nullptr) {
    refuse("Please provide " + std::string(name));
  } else if (!value->is_boolean()) {
    refuse(std::string(name) + " must be true or false");
  } else {
    return value->get<bool>();
  }
  return false;
}

bool ObjectReader::optional_bool(std::string_view name, bool fallback) {
  const Json* value = take(name);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) {
    refuse(std::string(name) + " must be true or false");
    return fallback;
  }
  return value->get<bool>();
}

std::optional<std::int64_t> ObjectReader::optional_integer(std::string_view name, std::int64_t min, std::int64_t max) {
  const Json* value = take(name);
  if (value == nullptr) return std::nullopt;
  const std::string range = std::to_string(min) + " to " + std::to_string(max);
  const bool fits =
      value->is_number_integer() &&
      (!value->is_number_unsigned() || value->get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX));
  if (!fits || value->get<std::int64_t>() < min || value->get<std::int64_t>() > max) {
    refuse(std::string(name) + " must be a whole number from " + range);
    return std::nullopt;
  }
  return value->get<std::int64_t>();
}

std::optional<double> ObjectReader::optional_strength(std::string_view name, double when_true) {
  const Json* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>() ? when_true : 0;
  const double strength = value->is_number() ? value->get<double>() : -1;
  if (!(strength >= 0 && strength <= 1)) {
    refuse(std::string(name) + " must be true, false or a number from 0 to 1");
    return std::nullopt;
  }
  return strength;
}

std::optional<std::vector<std::pair<std::string, std::string>>> ObjectReader::optional_texts(
    std::string_view name, std::size_t count_max, std::size_t name_bytes_max, std::size_t text_bytes_max) {
  const Json* value = take(name);
  if (value == nullptr) return std::nullopt;
  std::vector<std::pair<std::string, std::string>> texts;
  if (!value->is_object() || value->size() > count_max) {
    refuse(std::string(name) + " must be an object of at most " + std::to_string(count_max) + " strings");
    return texts;
  }
  for (const auto& [key, entry] : value->items()) {
    const bool fits = !key.empty() && key.size() <= name_bytes_max && entry.is_string() &&
                      entry.get_ref<const std::string&>().size() <= text_bytes_max &&
                      key.find('\0') == std::string::npos &&
                      entry.get_ref<const std::string&>().find('\0') == std::string::npos;
    if (!fits) {
      refuse(std::string(name) + " must have names of 1 to " + std::to_string(name_bytes_max) +
             " bytes and strings of at most " + std::to_string(text_bytes_max) + " bytes");
      return texts;
    }
    texts.emplace_back(key, entry.get<std::string>());
  }
  return texts;
}

std::vector<std::string> ObjectReader::required_strings(std::string_view name, std::size_t count_min,
                                                        std::size_t count_max, std::size_t length_max) {
  std::vector<std::string> texts;
  const Json* value = take(name);
  const std::string count = std::to_string(count_min) + " to " + std::to_string(count_max);
  if (value == nullptr || !value->is_array()) {
    refuse(value == nullptr ? "Please provide " + std::string(name) : std::string(name) + " must be a list of strings");
    return texts;
  }
  if (value->size() < count_min || value->size() > count_max) {
    refuse(std::string(name) + " must have " + count + " entries");
    return texts;
  }
  for (const Json& entry : *value) {
    if (!entry.is_string() || entry.get_ref<const std::string&>().empty() ||
        entry.get_ref<const std::string&>().size() > length_max ||
        entry.get_ref<const std::string&>().find('\0') != std::string::npos) {
      refuse(std::string(name) + " must be a list of strings of 1 to " + std::to_string(length_max) + " bytes");
      return {};
    }
    texts.push_back(entry.get<std::string>());
  }
  return texts;
}

std::optional<std::vector<std::string>> ObjectReader::optional_strings(std::string_view name, std::size_t count_max,
                                                                       std::size_t length_max) {
  const auto found = object_.find(std::string(name));
  if (found == object_.end() || found->is_null()) {
    take(name);
    return std::nullopt;
  }
  return required_strings(name, 0, count_max, length_max);
}

std::vector<ObjectReader> ObjectReader::required_objects(std::string_view name, std::size_t count_min,
                                                         std::size_t count_max) {
  std::vector<ObjectReader> readers;
  const Json* value = take(name);
  if (value == nullptr || !value->is_array()) {
    refuse(value == nullptr ? "Please provide " + std::string(name) : std::string(name) + " must be a list");
    return readers;
  }
  if (value->size() < count_min || value->size() > count_max) {
    refuse(std::string(name) + " must have " + std::to_string(count_min) + " to " + std::to_string(count_max) +
           " entries");
    return readers;
  }
  for (std::size_t at = 0; at < value->size(); ++at) {
    const std::string path = path_ + std::string(name) + "[" + std::to_string(at) + "]";
    if (!(*value)[at].is_object()) {
      refuse(path + " must be an object");
      return {};
    }
    readers.emplace_back((*value)[at], path + ".");
  }
  return readers;
}

std::int64_t ObjectReader::required_integer(std::string_view name, std::int64_t min, std::int64_t max) {
  const auto value = optional_integer(name, min, max);
  if (!value) refuse("Please provide " + std::string(name));
  return value.value_or(min);
}

std::vector<std::int64_t> ObjectReader::required_integers(std::string_view name, std::size_t count_min,
                                                          std::size_t count_max, std::int64_t min, std::int64_t max) {
  std::vector<std::int64_t> numbers;
  const Json* value = take(name);
  if (value == nullptr || !value->is_array() || value->size() < count_min || value->size() > count_max) {
    refuse(std::string(name) + " must be a list of " + std::to_string(count_min) + " to " + std::to_string(count_max) +
           " whole numbers");
    return numbers;
  }
  for (const Json& entry : *value) {
    const bool fits = entry.is_number_integer() && entry >= min && entry <= max;
    if (!fits) {
      refuse(std::string(name) + " must hold whole numbers from " + std::to_string(min) + " to " + std::to_string(max));
      return {};
    }
    numbers.push_back(entry.get<std::int64_t>());
  }
  return numbers;
}

void ObjectReader::ignore(std::string_view name) {
  take(name);
}

void ObjectReader::ignore_unknown() {
  unknown_allowed_ = true;
}

Result<void> ObjectReader::finish() {
  if (error_) return std::unexpected(std::move(*error_));
  if (unknown_allowed_) return {};
  for (const auto& [name, value] : object_.items()) {
    if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
      auto refused = invalid("The field '" + path_ + name.substr(0, 64) + "' is not known here", "Please leave it out");
      refused.error().field = path_ + name.substr(0, 64);
      return refused;
    }
  }
  return {};
}

Result<void> check_empty(const http::Request& request) {
  if (request.body.empty()) return {};
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  return ObjectReader(*body).finish();
}

http::Response json_response(int status, JsonText body) {
  return http::text_response(status, std::move(body).text(), kJsonMediaType);
}

}  // namespace tintype::api
