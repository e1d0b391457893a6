#include "api/pages/routes.h"

#include <map>

#include "api/pages/console.h"
#include "api/pages/files.h"
#include "api/shared/accept.h"
#include "api/shared/dialect.h"
#include "base/bytes.h"

namespace tintype::api {

namespace {

constexpr std::string_view kConsoleFolder = "console/";
constexpr std::string_view kAssetsFolder = "console/assets/";
constexpr const char* kConsolePage = "console/index.html";
constexpr const char* kAssetsPattern = "/assets/{file}";

// Scheme, host and port of a URL.
std::string_view origin_of(std::string_view url) {
  const std::size_t host = url.find("://");
  return host == url.npos ? url : url.substr(0, url.find('/', host + 3));
}

const char* media_type_of(std::string_view path) {
  if (path.ends_with(".html")) return "text/html; charset=utf-8";
  if (path.ends_with(".css")) return "text/css; charset=utf-8";
  if (path.ends_with(".svg")) return "image/svg+xml";
  if (path.ends_with(".webmanifest")) return "application/manifest+json";
  return "text/javascript; charset=utf-8";
}

struct Form {
  std::string_view encoding;
  std::string_view bytes;
  std::string etag;
};

struct Served {
  const char* media_type = "";
  bool is_named_by_content = false;  // its name changes with it
  std::vector<Form> forms;           // the smallest first, the file as it is last
};

}  // namespace

struct Pages {
  const Services& services;  // its public URL is known only when the server listens
  std::string stores;        // " https://..." of each
  std::map<std::string, Served, std::less<>> files;

  // Nothing from elsewhere and nothing in line. `blob:` and `data:` show pictures that the page has made itself.
  std::string policy() const {
    const std::string from = " " + std::string(origin_of(services.public_url)) + stores;
    return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:" + from +
           "; media-src 'self' blob:" + from + "; connect-src 'self'" + from +
           "; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
  }
};

namespace {

const Form& form_for(const http::Request& request, const Served& file) {
  const std::string_view accepted = request.headers.find("accept-encoding").value_or("");
  for (const Form& form : file.forms) {
    if (form.encoding.empty() || reads_encoding(accepted, form.encoding)) return form;
  }
  return file.forms.back();
}

// A file in one of its forms; of 304 the headers alone. What is named by its content is kept for good; the rest is
// asked for again at each use, so that a new program's pages are seen at once.
http::Response answer(int status, const Pages& pages, const Served& file, const Form& form) {
  const bool has_body = status != 304;
  http::Response response = has_body ? http::text_response(status, std::string(form.bytes), file.media_type)
                                     : http::Response{.status = status};
  if (has_body && !form.encoding.empty()) response.headers.add("Content-Encoding", std::string(form.encoding));
  if (file.forms.size() > 1) response.headers.add("Vary", "Accept-Encoding");
  response.headers.add("ETag", form.etag);
  response.headers.add("Cache-Control", file.is_named_by_content ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.add("Content-Security-Policy", pages.policy());
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Referrer-Policy", "no-referrer");
  return response;
}

http::Response serve(const http::Request& request, const Pages& pages, const Served& file) {
  const Form& form = form_for(request, file);
  const auto known = request.headers.find("if-none-match");
  const bool is_known = known && (*known == "*" || known->find(form.etag) != std::string_view::npos);
  return answer(is_known ? 304 : 200, pages, file, form);
}

http::Response serve_if_there(const http::Request& request, const Pages& pages, const std::string& path) {
  const auto found = pages.files.find(path);
  if (found != pages.files.end()) return serve(request, pages, found->second);
  return render_error(request, {ErrorCode::kNotFound, "There is no such page"});
}

std::string path_of(const http::Request& request) {
  return std::string(request.path_parameter("folder")) + "/" + std::string(request.path_parameter("file"));
}

void add(http::Router& router, const std::string& pattern, http::Handler handler) {
  router.add({.method = http::Method::kGet,
              .pattern = pattern,
              .handler = std::move(handler),
              .place = http::Place::kInPlace});
}

// The console's own files beside its page: those in the root, and what is named by its content in /assets.
void add_console(http::Router& router, const std::shared_ptr<const Pages>& pages) {
  const auto file = [&](const std::string& path) {
    return [pages, path](http::Request& request) { return serve(request, *pages, pages->files.at(path)); };
  };
  for (const char* page : console_pages()) add(router, page, file(kConsolePage));
  for (const auto& [path, served] : pages->files) {
    const std::string name = path.starts_with(kConsoleFolder) ? path.substr(kConsoleFolder.size()) : std::string();
    if (name.empty() || name == "index.html" || name.find('/') != name.npos) continue;
    add(router, "/" + name, file(path));
  }
  add(router, kAssetsPattern, [pages](http::Request& request) {
    return serve_if_there(request, *pages, std::string(kAssetsFolder) + std::string(request.path_parameter("file")));
  });
}

}  // namespace

std::shared_ptr<const Pages> make_pages(const Services& services, const std::vector<std::string>& stores) {
  auto pages = std::make_shared<Pages>(services);
  for (const std::string& store : stores) pages->stores.append(" ").append(origin_of(store));
  for (const PageFile& file : page_files()) {
    Served& served = pages->files[std::string(file.path)];
    served.media_type = media_type_of(file.path);
    served.is_named_by_content = file.path.starts_with(kAssetsFolder);
    served.forms.push_back({file.encoding, file.bytes, "\"" + hex_encode(sha256(file.bytes)).substr(0, 32) + "\""});
  }
  for (auto& [path, served] : pages->files) {
    std::ranges::stable_sort(served.forms, {}, [](const Form& form) { return form.bytes.size(); });
  }
  return pages;
}

void add_page_routes(http::Router& router, const std::shared_ptr<const Pages>& pages) {
  add(router, "/api/v1/docs",
      [pages](http::Request& request) { return serve(request, *pages, pages->files.at("docs/index.html")); });
  add(router, "/pages/{folder}/{file}",
      [pages](http::Request& request) { return serve_if_there(request, *pages, path_of(request)); });
  add_console(router, pages);
}

http::Response render_page_error(const Pages& pages, const http::Request& request, const Error& error) {
  http::Response spelled = render_error(request, error);
  const bool is_read = request.method == http::Method::kGet || request.method == http::Method::kHead;
  if (error.code != ErrorCode::kNotFound || !is_read || !reads_html(request)) return spelled;
  const Served& console = pages.files.at(kConsolePage);
  http::Response page = answer(spelled.status, pages, console, form_for(request, console));
  page.error_code = std::move(spelled.error_code);
  return page;
}

}  // namespace tintype::api
