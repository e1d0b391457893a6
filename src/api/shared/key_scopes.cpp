#include "api/shared/key_scopes.h"

namespace tintype::api {

namespace {

enum class Kind {
  kRead,   // GET and HEAD
  kWrite,  // every other method
  kAny,
};

// A path and all below it: "*" stands for one segment, and a verb (":deleted") belongs to what is before it.
struct Rule {
  Kind kind;
  std::string_view path;
  std::optional<Scope> scope;  // nothing: no key may
};

// The first that fits holds.
constexpr Rule kRules[] = {
    // The upscale surface. Keys themselves are not here: a key makes no keys.
    {Kind::kRead, "/api/v1/jobs", Scope::kJobsRead},
    {Kind::kWrite, "/api/v1/jobs", Scope::kJobsWrite},
    {Kind::kWrite, "/api/v1/upscale", Scope::kJobsWrite},
    {Kind::kWrite, "/api/v1/estimate", Scope::kJobsRead},
    // Who has a secret can forge messages: to read it is as much as to change it.
    {Kind::kRead, "/api/v1/webhooks/endpoints/*/secret", Scope::kWebhooksWrite},
    {Kind::kRead, "/api/v1/webhooks", Scope::kWebhooksRead},
    {Kind::kWrite, "/api/v1/webhooks", Scope::kWebhooksWrite},
    // The account. Whoever has a key may not see where its owner is signed in, nor change who he is.
    {Kind::kAny, "/api/account/sessions", std::nullopt},
    {Kind::kRead, "/api/account/suggestions", Scope::kImagesRead},
    {Kind::kRead, "/api/account", Scope::kJobsRead},
    // The enhancement surface.
    {Kind::kWrite, "/api/images/enhance", Scope::kJobsWrite},
    {Kind::kWrite, "/api/images/parallel-enhance", Scope::kJobsWrite},
    {Kind::kWrite, "/api/albums/*/enhance", Scope::kJobsWrite},
    {Kind::kRead, "/api/images", Scope::kImagesRead},
    {Kind::kWrite, "/api/images", Scope::kImagesWrite},
    {Kind::kRead, "/api/albums", Scope::kImagesRead},
    {Kind::kWrite, "/api/albums", Scope::kImagesWrite},
    {Kind::kRead, "/api/jobs", Scope::kJobsRead},
    {Kind::kWrite, "/api/jobs", Scope::kJobsWrite},
    {Kind::kRead, "/api/batches", Scope::kJobsRead},
    {Kind::kRead, "/api/tokens", Scope::kJobsRead},
    // The studio surface.
    {Kind::kWrite, "/api/ai/submit", Scope::kJobsWrite},
    {Kind::kWrite, "/api/ai/estimate", Scope::kJobsRead},
    {Kind::kWrite, "/api/ai/previews", Scope::kJobsWrite},
    {Kind::kWrite, "/api/ai/cancel", Scope::kJobsWrite},
    {Kind::kRead, "/api/ai", Scope::kJobsRead},
    {Kind::kRead, "/api/credits", Scope::kJobsRead},
    {Kind::kRead, "/api/batch", Scope::kJobsRead},
    {Kind::kWrite, "/api/batch", Scope::kJobsWrite},
    // The hosting surface. Uppy's companion signs writes by GET as well.
    {Kind::kRead, "/v1/images", Scope::kImagesRead},
    {Kind::kWrite, "/v1/images", Scope::kImagesWrite},
    {Kind::kRead, "/v1/uploads", Scope::kImagesRead},
    {Kind::kWrite, "/v1/uploads", Scope::kImagesWrite},
    {Kind::kRead, "/v1/albums", Scope::kImagesRead},
    {Kind::kWrite, "/v1/albums", Scope::kImagesWrite},
    {Kind::kRead, "/v1/shares", Scope::kImagesRead},
    {Kind::kRead, "/v1/search", Scope::kImagesRead},
    {Kind::kRead, "/v1/usage", Scope::kImagesRead},
    {Kind::kAny, "/s3", Scope::kImagesWrite},
};

bool fits(Kind kind, http::Method method) {
  const bool reads = method == http::Method::kGet || method == http::Method::kHead;
  switch (kind) {
    case Kind::kRead: return reads;
    case Kind::kWrite: return !reads;
    case Kind::kAny: return true;
  }
  return false;
}

// Cuts the first segment off; a path begins with a slash.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

bool is_or_is_below(std::string_view path, std::string_view rule) {
  while (!rule.empty()) {
    if (!path.starts_with('/')) return false;
    const std::string_view wanted = take_segment(rule);
    const std::string_view segment = take_segment(path);
    if (wanted != "*" && wanted != segment.substr(0, segment.find(':'))) return false;
  }
  return true;
}

}  // namespace

std::optional<Scope> scope_needed(http::Method method, std::string_view path) {
  for (const Rule& rule : kRules) {
    if (fits(rule.kind, method) && is_or_is_below(path, rule.path)) return rule.scope;
  }
  return std::nullopt;
}

}  // namespace tintype::api
