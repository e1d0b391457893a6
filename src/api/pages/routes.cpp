#include "api/pages/routes.h"

#include <map>

#include "api/pages/files.h"
#include "api/shared/dialect.h"
#include "base/bytes.h"

namespace tintype::api {

namespace {

// Nothing from elsewhere, nothing in line; `blob:` shows pictures that a call of the console has answered.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const char* media_type_of(std::string_view path) {
  if (path.ends_with(".html")) return "text/html; charset=utf-8";
  if (path.ends_with(".css")) return "text/css; charset=utf-8";
  if (path.ends_with(".svg")) return "image/svg+xml";
  return "text/javascript; charset=utf-8";
}

struct Served {
  std::string_view text;
  const char* media_type = "";
  std::string etag;
};

using ServedFiles = std::map<std::string, Served, std::less<>>;

ServedFiles served_files() {
  ServedFiles served;
  for (const PageFile& file : page_files()) {
    const std::string etag = "\"" + hex_encode(sha256(file.text)).substr(0, 32) + "\"";
    served[std::string(file.path)] = {file.text, media_type_of(file.path), etag};
  }
  return served;
}

std::string path_of(const http::Request& request) {
  return std::string(request.path_parameter("folder")) + "/" + std::string(request.path_parameter("file"));
}

// Kept by browsers, and asked for again at each use: a new program's pages are seen at once.
http::Response serve(const http::Request& request, const Served& file) {
  const auto known = request.headers.find("if-none-match");
  const bool is_known = known && (*known == "*" || known->find(file.etag) != std::string_view::npos);
  http::Response response =
      is_known ? http::Response{.status = 304} : http::text_response(200, std::string(file.text), file.media_type);
  response.headers.add("ETag", file.etag);
  response.headers.add("Cache-Control", "no-cache");
  response.headers.add("Content-Security-Policy", kPolicy);
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Referrer-Policy", "no-referrer");
  return response;
}

}  // namespace

void add_page_routes(http::Router& router) {
  const auto files = std::make_shared<const ServedFiles>(served_files());
  const auto add = [&](const char* pattern, http::Handler handler) {
    router.add({.method = http::Method::kGet,
                .pattern = pattern,
                .handler = std::move(handler),
                .place = http::Place::kInPlace});
  };
  const auto page = [&](const char* path) {
    return [files, path](http::Request& request) { return serve(request, files->at(path)); };
  };
  add("/api/v1/docs", page("docs/index.html"));
  add("/admin/queue", page("board/index.html"));
  add("/pages/{folder}/{file}", [files](http::Request& request) {
    const auto found = files->find(path_of(request));
    if (found != files->end()) return serve(request, found->second);
    return render_error(request, {ErrorCode::kNotFound, "There is no such page"});
  });
}

}  // namespace tintype::api
