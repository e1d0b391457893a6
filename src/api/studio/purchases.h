// How a user's credits came about, and what the payment provider tells of.
#pragma once

#include <string>
#include <vector>

#include "api/shared/services.h"
#include "http/router.h"

namespace tintype::api {

struct PaymentOptions {
  std::vector<std::string> stripe_secrets;  // of the webhook's endpoint, all accepted; empty: no payments here
};

// `services` and everything in it outlive the router.
void add_purchase_routes(http::Router& router, const Services& services, const PaymentOptions& options);

}  // namespace tintype::api
