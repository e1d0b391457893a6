// What the configuration says, in the words of those whom it is for.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "api/account/routes.h"
#include "api/admin/routes.h"
#include "api/enhancement/routes.h"
#include "api/studio/routes.h"
#include "app/accounts.h"
#include "app/api_keys.h"
#include "app/call_limits.h"
#include "app/janitor.h"
#include "app/purchases.h"
#include "app/renditions.h"
#include "app/shares.h"
#include "app/studio_jobs.h"
#include "app/work.h"
#include "cmd/config.h"
#include "domain/plan.h"
#include "engine/operation/native_engine.h"
#include "engine/remote/engines.h"
#include "http/server.h"
#include "ports/rate_limiter.h"
#include "webhook/deliverer.h"

namespace tintype::cmd {

// The entries of a comma-separated list.
std::vector<std::string> split(const std::string& text);
RateLimit per_window(const Config& config, std::int64_t requests);
app::AccountRules account_rules(const Config& config);
app::ShareRules share_rules(const Config& config);
std::map<std::string, StorageQuota, std::less<>> storage_quotas(const Config& config);
app::CallRules call_rules(const Config& config);
app::ApiKeyRules api_key_rules(const Config& config);
app::LeaseRules lease_rules(const Config& config);
// kInvalidInput when payments.packages says something else than packages.
Result<app::PurchaseRules> purchase_rules(const Config& config);
app::JanitorRules janitor_rules(const Config& config);
app::RenditionRules rendition_rules(const Config& config);
app::StudioRules studio_rules(const Config& config);
app::PreviewRules preview_rules(const Config& config);
api::EnhancementLimits enhancement_limits(const Config& config);
api::AccountOptions account_options(const Config& config);
api::StudioOptions studio_options(const Config& config);
webhook::DelivererOptions deliverer_options(const Config& config);
engine::NativeEngineOptions engine_options(const Config& config);
// Which provider does what. kInvalidInput names the key.
Result<engine::Assignments> assignments(const Config& config);
// kInvalidInput for prices that cannot be read, or that a cap needs and that are not there.
Result<engine::RemoteRules> remote_rules(const Config& config);
// The origins whose pages read and write objects: our own, and those that may call us.
std::vector<std::string> browser_origins(const Config& config);
// Newest first.
std::vector<std::string> delivery_keys(const Config& config);
// Takes every descriptor that the system grants, and as many connections as fit.
std::vector<api::Setting> settings_shown(const Config& config);
http::ServerOptions server_options(const Config& config, const std::pair<std::string, std::uint16_t>& listen);

}  // namespace tintype::cmd
