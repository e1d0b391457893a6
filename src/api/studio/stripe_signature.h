// How Stripe proves its webhooks (https://docs.stripe.com/webhooks, "Verify manually"): the header Stripe-Signature is
// `t=SECONDS,v1=HEX[,v1=HEX...]`, each v1 the HMAC-SHA256 of "{t}.{body}" with the endpoint's secret as it stands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace tintype::api::studio {

inline constexpr std::int64_t kStripeToleranceSeconds = 300;  // that its time may be off ours, either way

// Whether one of the signatures is by one of the secrets, and its time near. Takes the same time whichever it is.
bool is_by_stripe(std::string_view header, std::string_view body, const std::vector<std::string>& secrets,
                  UnixMs now_ms);

}  // namespace tintype::api::studio
