#include "engine/model/catalogue.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/model/model.h"
#include "engine/net/weights.h"

namespace tintype::engine {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kCatalogueBytesMax = 1 << 20;
constexpr std::size_t kUrlBytesMax = 2'048;
constexpr std::size_t kFileNameMax = 128;
constexpr int kScaleMax = 8;

// 0 when it is something else.
std::int64_t whole_number(const Json& json) {
  return json.is_number_integer() ? json.get<std::int64_t>() : 0;
}

PublishedFile read_file(const Json& json) {
  PublishedFile file;
  file.url = json.at("url");
  file.name = file.url.substr(file.url.rfind('/') + 1);
  file.sha256 = json.at("sha256");
  if (json.contains("size_bytes")) file.size_bytes = whole_number(json.at("size_bytes"));
  return file;
}

PublishedModel read_entry(const Json& json) {
  PublishedModel model;
  model.name = json.at("name");
  model.architecture = json.at("architecture");
  model.scale = static_cast<int>(std::clamp<std::int64_t>(whole_number(json.at("scale")), 0, kScaleMax + 1));
  model.licence = json.at("licence");
  model.description = json.at("description");
  for (const Json& file : json.at("files")) model.files.push_back(read_file(file));
  for (const Json& file : json.value("weak_files", Json::array())) model.weak_files.push_back(read_file(file));
  return model;
}

// What is wrong with it; empty when nothing is.
std::string fault_of(const PublishedFile& file) {
  if (file.url.size() > kUrlBytesMax || !(file.url.starts_with("https://") || file.url.starts_with("http://")) ||
      std::ranges::any_of(file.url, [](char c) { return c <= ' ' || c > '~'; }) ||
      !is_plain_name(file.name, kFileNameMax)) {
    return "a URL has to be http or https and end in the name of a file";
  }
  if (!is_digest(file.sha256)) return file.name + ": its sha256 is none";
  if (file.size_bytes && (*file.size_bytes < 1 || *file.size_bytes > kModelFileBytesMax)) {
    return file.name + ": its size_bytes is not what it can be";
  }
  return "";
}

std::string fault_of(const PublishedModel& model) {
  if (!is_model_name(model.name)) return "its name is none";
  if (!is_plain_name(model.architecture, kModelNameMax) || model.scale < 1 || model.scale > kScaleMax) {
    return "its architecture or scale is not what it can be";
  }
  if (!is_one_line(model.licence) || !is_one_line(model.description)) return "its texts are not one line each";
  if (model.files.empty() || model.files.size() > 2 ||
      (!model.weak_files.empty() && model.weak_files.size() != model.files.size())) {
    return "it has to have one file or two, and as many weak ones or none";
  }
  for (const auto* files : {&model.files, &model.weak_files}) {
    for (const PublishedFile& file : *files) {
      if (std::string fault = fault_of(file); !fault.empty()) return fault;
    }
  }
  return "";
}

}  // namespace

std::optional<std::int64_t> PublishedModel::size_bytes() const {
  std::int64_t sum = 0;
  for (const auto* all : {&files, &weak_files}) {
    for (const PublishedFile& file : *all) {
      if (!file.size_bytes) return std::nullopt;
      sum += *file.size_bytes;
    }
  }
  return sum;
}

Result<std::vector<PublishedModel>> read_catalogue(const std::filesystem::path& path) {
  const auto invalid = [&](const std::string& what) {
    return fail(ErrorCode::kInvalidInput, path.string() + ": " + what);
  };
  std::vector<PublishedModel> models;
  const auto invalid_entry = [&](const std::string& what) {
    return invalid("entry " + std::to_string(models.size() + 1) + ": " + what);
  };
  const auto file = MappedFile::open(path);
  if (!file) return std::unexpected(file.error());
  if ((*file)->bytes().size() > kCatalogueBytesMax) return invalid("it is too large for a catalogue");
  const Json json = Json::parse((*file)->bytes(), nullptr, false);
  try {
    for (const Json& entry : json.at("models")) {
      PublishedModel model = read_entry(entry);
      if (const std::string fault = fault_of(model); !fault.empty()) return invalid_entry(fault);
      if (std::ranges::find(models, model.name, &PublishedModel::name) != models.end()) {
        return invalid_entry("there is one of its name already");
      }
      models.push_back(std::move(model));
    }
  } catch (const Json::exception& exception) {
    return invalid_entry(exception.what());
  }
  return models;
}

std::filesystem::path catalogue_file(const std::filesystem::path& configured) {
  return configured.empty() ? models_directory({}) / kCatalogueName : configured;
}

}  // namespace tintype::engine
