// Ties the notifier to the server's waits and streams.
#pragma once

#include <string>

#include "http/message.h"
#include "ports/notifier.h"

namespace tintype::api {

// A subscription to `topic` that ends when the server lets go of its handle.
http::Subscribe subscription(Notifier& notifier, std::string topic);

}  // namespace tintype::api
