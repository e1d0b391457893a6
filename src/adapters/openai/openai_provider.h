// The images API of OpenAI (https://platform.openai.com/docs/api-reference/images), which servers of diffusion models
// on machines of one's own speak as well.
#pragma once

#include "adapters/provider_calls/provider_calls.h"
#include "ports/egress.h"
#include "ports/outbound_http.h"
#include "ports/provider.h"

namespace tintype {

// Settings of an assignment are sent as parameters of that name, but for `sizes`: the sizes that the model makes, by
// commas. Those of OpenAI's own models are known; any other is asked for what is wanted.
class OpenAiProvider final : public Provider {
 public:
  OpenAiProvider(OutboundHttp& http, Egress& egress, ProviderAccount account, const ProviderCallRules& rules,
                 ProviderPause pause = pause_for);

  bool takes(OperationKind operation) const override;
  bool meant_by_alpha() const override { return true; }
  Result<void> run(const ProviderRequest& request, RunControl& control) override;

 private:
  ProviderCalls calls_;
};

}  // namespace tintype
