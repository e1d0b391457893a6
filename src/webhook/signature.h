// What proves a message: the header of the upscale contract, and those of Standard Webhooks
// (https://github.com/standard-webhooks/standard-webhooks, spec 1.0.0).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/webhook.h"

namespace tintype::webhook {

// hex(HMAC-SHA256(the secret as it stands, body)): what X-Webhook-Signature holds.
std::string contract_signature(std::string_view secret, std::string_view body);

// "v1," and base64(HMAC-SHA256(the bytes of the secret, "{id}.{timestamp}.{body}")). The bytes are those that stand
// behind "whsec_" in base64; of a secret that is not of this form, its characters.
std::string standard_signature(std::string_view secret, std::string_view id, std::int64_t timestamp_seconds,
                               std::string_view body);

// The headers of one attempt, signed with all of `secrets`, newest first. The contract's header has room for one
// signature, so two secrets take turns from attempt to attempt: whoever knows either of them accepts the first or the
// second.
std::vector<std::pair<std::string, std::string>> signed_headers(const WebhookDelivery& delivery,
                                                                const std::vector<std::string>& secrets,
                                                                std::int64_t timestamp_seconds);

}  // namespace tintype::webhook
