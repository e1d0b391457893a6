#include "api/objects/answers.h"

#include "api/shared/dialect.h"
#include "base/markup_text.h"

namespace tintype::api {

std::unexpected<S3Error> store_failed(const http::Request& request, const Error& error) {
  log_cause(request.request_id, request.path, error);
  return std::unexpected(s3_error_of(error));
}

std::unexpected<S3Error> store_failed(const Error& error) {
  log_cause({}, {}, error);
  return std::unexpected(s3_error_of(error));
}

void append_element(std::string& xml, std::string_view name, std::string_view text) {
  xml.append("<").append(name).append(">").append(markup_escape(text)).append("</").append(name).append(">");
}

http::Response xml_answer(std::string_view root, std::string_view inside) {
  std::string body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<";
  body.append(root).append(" xmlns=\"").append(kS3Namespace).append("\">").append(inside);
  body.append("</").append(root).append(">");
  return http::text_response(200, std::move(body), "application/xml");
}

}  // namespace tintype::api
