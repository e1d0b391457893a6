// Pages for people: the console and the reference of the APIs. They ask for nothing from anywhere else.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/shared/services.h"
#include "http/router.h"

namespace tintype::api {

struct Pages;

// `stores`: the origins that pictures come from and parts of uploads go to besides this server's public one, such as
// the bucket's, "https://s3.example.org".
std::shared_ptr<const Pages> make_pages(const Services& services, const std::vector<std::string>& stores);

void add_page_routes(http::Router& router, const std::shared_ptr<const Pages>& pages);

// For http::ServerOptions::render_error: who reads HTML and asks for an address where nothing is gets the console's
// page with 404, which says so; all else is spelled by render_error().
http::Response render_page_error(const Pages& pages, const http::Request& request, const Error& error);

}  // namespace tintype::api
