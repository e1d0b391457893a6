// The queue, users, figures and the audit log in JSON.
#pragma once

#include <string>

#include "app/administration.h"
#include "app/queue.h"
#include "base/json_text.h"

namespace tintype::api::admin {

JsonText state_json(const app::QueueState& state);
JsonText series_json(const app::QueueSeries& series);
JsonText job_json(const Job& job);
JsonText user_json(const app::UserView& view);
JsonText user_list_json(const app::UserList& list);
JsonText statistics_json(const app::Statistics& statistics);
JsonText audit_entry_json(const AuditEntry& entry);

}  // namespace tintype::api::admin
