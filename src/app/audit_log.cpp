#include "app/audit_log.h"

namespace tintype::app {

Result<void> note_change(Transaction& transaction, Random& random, UnixMs now_ms, const Actor& actor,
                         const Change& change) {
  return transaction.audit_log().append({new_id(random, "aud_"), now_ms, actor, change.action, change.user_id,
                                         change.reason, change.before.text(), change.after.text()});
}

}  // namespace tintype::app
