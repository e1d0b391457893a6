// Ties the notifier to the server's waits and streams.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "http/message.h"
#include "ports/notifier.h"

namespace tintype::api {

// How long a caller wants to wait for news: `wait` of the query, 0 when it is absent.
Result<std::int64_t> wait_seconds(const http::Request& request, std::int64_t seconds_max);

// A subscription to `topic` that ends when the server lets go of its handle.
http::Subscribe subscription(Notifier& notifier, std::string topic);

}  // namespace tintype::api
