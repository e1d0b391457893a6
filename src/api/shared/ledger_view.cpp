#include "api/shared/ledger_view.h"

#include "base/clock.h"

namespace tintype::api {

JsonText ledger_entry_json(const LedgerEntry& entry) {
  return {{"id", entry.id},
          {"amount", entry.amount},
          {"kind", ledger_kind_name(entry.kind)},
          {"balance_after", entry.balance_after},
          {"job_id", null_or(entry.job_id)},
          {"note", null_or(entry.note)},
          {"created_at", iso8601(entry.created_at_ms)}};
}

}  // namespace tintype::api
