// Answers a request with the bytes of an object, for whoever has found out that it may be had.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/message.h"
#include "http/range.h"
#include "ports/object_store.h"

namespace tintype::api {

struct ObjectAnswer {
  std::string cache_control;
  std::string download_name;  // not empty: Content-Disposition: attachment with this file name
};

// 200, or what Range and conditions make of it; kNotFound when it is gone. A browser shows it as a picture or not at
// all. Opens the object: for the pool.
Result<http::Response> stored_object(ObjectStore& objects, const http::Request& request, std::string_view key,
                                     const ObjectAnswer& answer);

// The parts that it is made of, for whoever spells its failures in another way: what http::serve_content() sends of an
// open object, and the headers that make a browser show it as a picture or not at all.
http::Content content_of(std::shared_ptr<ObjectReader> reader, std::string cache_control);
void add_object_headers(http::Response& response, const std::string& disposition);

// 302 to where it is.
http::Response redirect_to(std::string url, std::string cache_control);

}  // namespace tintype::api
