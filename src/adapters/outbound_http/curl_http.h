// Outbound requests by libcurl.
#pragma once

#include "ports/outbound_http.h"

namespace tintype {

class CurlHttp final : public OutboundHttp {
 public:
  CurlHttp();
  Result<OutboundResponse> get_trusted(const OutboundRequest& request) override;
  Result<OutboundResponse> call_trusted(const OutboundCall& call, const std::atomic<bool>& cancel) override;
};

}  // namespace tintype
