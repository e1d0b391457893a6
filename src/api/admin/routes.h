// For whoever runs the server, under /api/admin: by the admin key or an admin's session.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/shared/services.h"
#include "http/router.h"

namespace tintype::api {

// `services` and everything in it outlive the router.
void add_queue_routes(http::Router& router, const Services& services);
void add_administration_routes(http::Router& router, const Services& services);
// `file_bytes_max`: of a network's file that is sent.
void add_model_routes(http::Router& router, const Services& services, std::int64_t file_bytes_max);

// A key of the configuration as it stands, in words; the value of a secret is masked.
struct Setting {
  std::string name, value, fallback;
  std::string source;  // "default", "file", "environment" or "command"
  std::string meaning;
  bool is_secret = false;
};
using ReadSettings = std::function<std::vector<Setting>()>;
void add_config_routes(http::Router& router, const Services& services, const ReadSettings& read);

namespace admin {

using Handle = std::function<Result<http::Response>(const Services&, http::Request&)>;

// An operators' route; a POST, PUT or PATCH reads a small body.
http::Route route(const Services& services, http::Method method, const char* pattern, Handle handle);

}  // namespace admin

}  // namespace tintype::api
