// Pages for people: the reference of the APIs and the queue board. They ask for nothing from anywhere else.
#pragma once

#include "http/router.h"

namespace tintype::api {

void add_page_routes(http::Router& router);

}  // namespace tintype::api
