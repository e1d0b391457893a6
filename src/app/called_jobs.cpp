#include "app/called_jobs.h"

namespace tintype::app {

Result<void> drop_inputs(Transaction& transaction, const Job& job, UnixMs now_ms) {
  const bool may_have_some =
      (job.surface == Surface::kUpscale && job.image_id.empty()) || job.surface == Surface::kStudio;
  if (!may_have_some) return {};
  const auto call = transaction.job_calls().find(job.id);
  if (!call) return std::unexpected(call.error());
  if (!*call) return {};
  bool had_some = false;
  for (const std::string* key : {&(*call)->input_key, &(*call)->mask.object_key, &(*call)->reference.object_key}) {
    if (key->empty()) continue;
    had_some = true;
    if (auto marked = transaction.objects().mark_deleting(*key, now_ms); !marked) return marked;
  }
  if (!had_some) return {};
  return transaction.job_calls().clear_inputs(job.id);
}

Result<int> remove_ended_jobs(Transaction& transaction, UnixMs ended_before_ms, UnixMs now_ms, int limit) {
  const auto jobs = transaction.jobs().ended_without_image(ended_before_ms, limit);
  if (!jobs) return std::unexpected(jobs.error());
  for (const Job& job : *jobs) {
    if (auto dropped = drop_inputs(transaction, job, now_ms); !dropped) return std::unexpected(dropped.error());
    if (job.result && !job.result->object_key.empty()) {
      auto marked = transaction.objects().mark_deleting(job.result->object_key, now_ms);
      if (!marked) return std::unexpected(marked.error());
    }
    if (auto removed = transaction.jobs().remove_ended(job); !removed) return std::unexpected(removed.error());
  }
  return static_cast<int>(jobs->size());
}

}  // namespace tintype::app
