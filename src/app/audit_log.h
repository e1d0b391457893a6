// The audit log, for whoever changes something on an operator's or a payment's behalf.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/json_text.h"
#include "base/random.h"
#include "domain/audit_entry.h"
#include "ports/database.h"

namespace tintype::app {

struct Change {
  AuditAction action = AuditAction::kCreateUser;
  std::string user_id;  // whom it concerns; empty when nobody alone
  std::string reason;
  JsonText before, after;  // objects
};

// Part of the unit of work that makes the change.
Result<void> note_change(Transaction& transaction, Random& random, UnixMs now_ms, const Actor& actor,
                         const Change& change);

}  // namespace tintype::app
