// The networks that pictures go through: what there is, what can be had, and which one each tier takes.
#include <algorithm>
#include <filesystem>

#include "api/admin/query.h"
#include "api/admin/routes.h"
#include "api/shared/authenticate.h"
#include "api/shared/json_body.h"
#include "base/bytes.h"
#include "http/multipart.h"

namespace tintype::api {

namespace {

using admin::refuse;

constexpr std::size_t kNameBytesMax = 64, kTextBytesMax = 500;
constexpr int kFilesMax = 2;  // of a network: layers and numbers apart
constexpr std::int64_t kFormSlackBytes = 64 * 1024;
constexpr std::int64_t kJsonBytesMax = 16 * 1024;

JsonText texts_json(const std::vector<std::string>& texts) {
  JsonText json = JsonText::array();
  for (const std::string& text : texts) json.push_back(text);
  return json;
}

JsonText model_json(const app::ModelView& view) {
  const InstalledModel& model = view.model;
  return {{"name", model.name},          {"purpose", model.purpose},           {"architecture", model.architecture},
          {"scale", model.scale},        {"parameters", model.parameters},     {"bytes", model.size_bytes},
          {"licence", model.licence},    {"description", model.description},   {"sha256", model.sha256},
          {"shipped", model.is_shipped}, {"used_by", texts_json(view.used_by)}};
}

JsonText published_json(const PublishedNetwork& network) {
  return {{"name", network.name},
          {"bytes", network.size_bytes},
          {"licence", network.licence},
          {"scale", network.scale},
          {"purpose", network.purpose},
          {"description", network.description},
          {"installed", network.is_installed}};
}

const char* state_name(app::Installation::State state) {
  switch (state) {
    case app::Installation::State::kRunning: return "running";
    case app::Installation::State::kSucceeded: return "succeeded";
    case app::Installation::State::kFailed: return "failed";
  }
  return "failed";
}

JsonText installation_json(const app::Installation& installation) {
  return {{"name", installation.name},
          {"state", state_name(installation.state)},
          {"received_bytes", installation.received_bytes},
          {"total_bytes", installation.total_bytes},
          {"error", null_or(installation.error)},
          {"started_at_ms", installation.started_at_ms}};
}

JsonText tier_json(const app::TierView& tier) {
  return {
      {"name", tier.name}, {"model", tier.model}, {"default", tier.fallback}, {"choices", texts_json(tier.choices)}};
}

Result<http::Response> list(const Services& services, http::Request&) {
  const auto view = services.models.list();
  if (!view) return std::unexpected(view.error());
  JsonText models = JsonText::array(), catalogue = JsonText::array(), installations = JsonText::array();
  for (const app::ModelView& model : view->models) models.push_back(model_json(model));
  for (const PublishedNetwork& network : view->published) catalogue.push_back(published_json(network));
  for (const app::Installation& one : view->installations) installations.push_back(installation_json(one));
  return json_response(200, {{"models", models}, {"catalogue", catalogue}, {"installations", installations}});
}

// ---- Adding

Result<http::Response> install(const Services& services, http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  const std::string name = fields.required_string("name", 1, kNameBytesMax);
  if (auto read = fields.finish(); !read) return std::unexpected(read.error());
  const auto begun = services.models.install(name, actor_of(request));
  if (!begun) return std::unexpected(begun.error());
  return json_response(202, {{"installation", installation_json(*begun)}});
}

// A file of a form under a name that says what it is, as that is what it is taken by.
class NamedFile {
 public:
  static Result<NamedFile> of(const http::FormPart& part) {
    if (part.too_large || !part.file) return refuse("file", "A file is larger than may be sent");
    const std::string extension = std::filesystem::path(*part.file_name).extension().string();
    constexpr std::string_view kExtensions[] = {".param", ".bin", ".onnx", ".pth", ".safetensors"};
    if (std::ranges::find(kExtensions, extension) == std::end(kExtensions)) {
      return refuse("file", "A file must be .param, .bin, .onnx, .pth or .safetensors");
    }
    NamedFile file(part.file->path().string() + extension);
    std::error_code error;
    std::filesystem::rename(part.file->path(), file.path_, error);
    if (error) return fail_internal("a network's file could not be renamed: " + error.message());
    return file;
  }
  NamedFile(NamedFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  NamedFile& operator=(NamedFile&&) = delete;
  ~NamedFile() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  explicit NamedFile(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

struct ModelForm {
  NetworkFiles network;
  std::vector<NamedFile> files;  // they are there as long as this is
};

Result<void> take_text(const http::FormPart& part, std::string& text, std::size_t bytes_max) {
  if (part.text.empty() || part.text.size() > bytes_max || !is_valid_utf8(part.text)) {
    return refuse(part.name, part.name + " must be 1 to " + std::to_string(bytes_max) + " bytes of UTF-8");
  }
  text = part.text;
  return {};
}

Result<ModelForm> read_form(const http::Request& request) {
  ModelForm form;
  for (const http::FormPart& part : request.form) {
    Result<void> taken;
    if (part.name == "file" && part.file_name) {
      auto file = NamedFile::of(part);
      if (!file) return std::unexpected(file.error());
      form.network.files.push_back(file->path());
      form.files.push_back(std::move(*file));
    } else if (part.name == "name" && !part.file_name) {
      taken = take_text(part, form.network.name, kNameBytesMax);
    } else if (part.name == "licence" && !part.file_name) {
      taken = take_text(part, form.network.licence, kTextBytesMax);
    } else if (part.name == "description" && !part.file_name) {
      taken = take_text(part, form.network.description, kTextBytesMax);
    } else {
      taken = refuse("form", "The form takes name, licence, description, and files as 'file'");
    }
    if (!taken) return std::unexpected(taken.error());
  }
  if (form.network.name.empty()) return refuse("name", "Please provide name");
  if (form.files.empty() || form.files.size() > kFilesMax) {
    return refuse("file", "A network is one file of tensors, an .onnx file, or a .param and a .bin file");
  }
  return form;
}

Result<http::Response> add(const Services& services, http::Request& request) {
  const auto form = read_form(request);
  if (!form) return std::unexpected(form.error());
  const auto added = services.models.add(form->network, actor_of(request));
  if (!added) return std::unexpected(added.error());
  return json_response(201, {{"model", model_json(*added)}});
}

Result<http::Response> install_or_add(const Services& services, http::Request& request) {
  const bool has_form = http::is_multipart(request.headers.find("Content-Type").value_or(""));
  return has_form ? add(services, request) : install(services, request);
}

Result<http::Response> remove(const Services& services, http::Request& request) {
  const std::string name(request.path_parameter("name"));
  if (auto removed = services.models.remove(name, actor_of(request)); !removed) {
    return std::unexpected(removed.error());
  }
  http::Response response;
  response.status = 204;
  return response;
}

// ---- Tiers

Result<http::Response> list_tiers(const Services& services, http::Request&) {
  const auto tiers = services.models.tiers();
  if (!tiers) return std::unexpected(tiers.error());
  JsonText items = JsonText::array();
  for (const app::TierView& tier : *tiers) items.push_back(tier_json(tier));
  return json_response(200, {{"tiers", items}});
}

Result<http::Response> choose(const Services& services, http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  if (!body->is_object() || !body->contains("model")) {
    return refuse("model", "Please provide model", "null takes the default");
  }
  ObjectReader fields(*body);
  const auto model = fields.optional_string("model", 1, kNameBytesMax);
  if (auto read = fields.finish(); !read) return std::unexpected(read.error());
  const auto tier = services.models.choose(std::string(request.path_parameter("name")), model, actor_of(request));
  if (!tier) return std::unexpected(tier.error());
  return json_response(200, tier_json(*tier));
}

}  // namespace

void add_model_routes(http::Router& router, const Services& services, std::int64_t file_bytes_max) {
  router.add(admin::route(services, http::Method::kGet, "/api/admin/models", list));
  http::Route post = admin::route(services, http::Method::kPost, "/api/admin/models", install_or_add);
  post.body = {.kind = http::BodyKind::kMultipart,
               .body_bytes_max = kFilesMax * file_bytes_max + kFormSlackBytes,
               .part_bytes_max = file_bytes_max,
               .memory_bytes_max = kJsonBytesMax};
  router.add(std::move(post));
  router.add(admin::route(services, http::Method::kDelete, "/api/admin/models/{name}", remove));
  router.add(admin::route(services, http::Method::kGet, "/api/admin/tiers", list_tiers));
  router.add(admin::route(services, http::Method::kPut, "/api/admin/tiers/{name}", choose));
}

}  // namespace tintype::api
