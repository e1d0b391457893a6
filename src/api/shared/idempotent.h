// Idempotency-Key on POSTs that create or charge.
#pragma once

#include <functional>
#include <string>

#include "api/shared/json_body.h"
#include "app/once.h"
#include "domain/account.h"
#include "http/message.h"

namespace tintype::api {

// The key of this request, if it brought one; kInvalidInput for a malformed one. The fingerprint covers method,
// path and body; multipart bodies by their parsed parts (field names, texts, file names and the files' SHA-256).
// `owner` is the user whose key it is, or the operator.
Result<std::optional<app::IdempotencyKey>> idempotency_key(const http::Request& request, std::string_view owner);

// How a use case is told to keep its JSON answer under the request's key.
template <class T>
Result<app::Once<T>> once(const http::Request& request, std::string_view owner,
                          const std::function<JsonText(const T&)>& to_json, int status = 200) {
  auto key = idempotency_key(request, owner);
  if (!key) return std::unexpected(key.error());
  return app::Once<T>{std::move(*key),
                      [to_json, status](const T& value) { return StoredReply{status, to_json(value).text()}; }};
}

template <class T>
Result<app::Once<T>> once(const http::Request& request, const Principal& principal,
                          const std::function<JsonText(const T&)>& to_json, int status = 200) {
  return once<T>(request, principal.user_id, to_json, status);
}

// The answer now, or the kept one (with `Idempotency-Replayed: true`).
template <class T>
http::Response reply(const app::Outcome<T>& outcome, const std::function<JsonText(const T&)>& to_json,
                     int status = 200) {
  if (const auto* kept = std::get_if<StoredReply>(&outcome)) {
    http::Response response = http::text_response(kept->status, kept->body, kJsonMediaType);
    response.headers.add("Idempotency-Replayed", "true");
    return response;
  }
  return json_response(status, to_json(std::get<T>(outcome)));
}

}  // namespace tintype::api
