#include "app/called_jobs.h"

namespace tintype::app {

Result<void> drop_input(Transaction& transaction, const Job& job, UnixMs now_ms) {
  const bool may_have_one =
      job.image_id.empty() && (job.surface == Surface::kUpscale || job.surface == Surface::kStudio);
  if (!may_have_one) return {};
  const auto call = transaction.job_calls().find(job.id);
  if (!call) return std::unexpected(call.error());
  if (!*call || (*call)->input_key.empty()) return {};
  if (auto marked = transaction.objects().mark_deleting((*call)->input_key, now_ms); !marked) return marked;
  return transaction.job_calls().clear_input(job.id);
}

Result<int> remove_ended_jobs(Transaction& transaction, UnixMs ended_before_ms, UnixMs now_ms, int limit) {
  const auto jobs = transaction.jobs().ended_without_image(ended_before_ms, limit);
  if (!jobs) return std::unexpected(jobs.error());
  for (const Job& job : *jobs) {
    if (auto dropped = drop_input(transaction, job, now_ms); !dropped) return std::unexpected(dropped.error());
    if (job.result && !job.result->object_key.empty()) {
      auto marked = transaction.objects().mark_deleting(job.result->object_key, now_ms);
      if (!marked) return std::unexpected(marked.error());
    }
    if (auto removed = transaction.jobs().remove_ended(job); !removed) return std::unexpected(removed.error());
  }
  return static_cast<int>(jobs->size());
}

}  // namespace tintype::app
