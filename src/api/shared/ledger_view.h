// A ledger entry as the studio surface and operators see it.
#pragma once

#include "base/json_text.h"
#include "domain/wallet.h"

namespace tintype::api {

JsonText ledger_entry_json(const LedgerEntry& entry);

}  // namespace tintype::api
