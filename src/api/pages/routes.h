// Pages for people: the console and the reference of the APIs. They ask for nothing from anywhere else.
#pragma once

#include <string>
#include <vector>

#include "api/shared/services.h"
#include "http/router.h"

namespace tintype::api {

// `stores`: the origins that pictures come from and parts of uploads go to besides this server's public one, such as
// the bucket's, "https://s3.example.org".
void add_page_routes(http::Router& router, const Services& services, const std::vector<std::string>& stores);

}  // namespace tintype::api
