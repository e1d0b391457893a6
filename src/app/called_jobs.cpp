#include "app/called_jobs.h"

namespace tintype::app {

Result<void> insert_called(Transaction& transaction, Webhooks& webhooks, std::string_view webhook_url,
                           CalledJob& called) {
  if (!webhook_url.empty()) {
    const auto endpoint = webhooks.find_or_make_endpoint(transaction, called.job.user_id, webhook_url);
    if (!endpoint) return std::unexpected(endpoint.error());
    called.call.webhook_endpoint_id = endpoint->id;
  }
  if (auto inserted = transaction.jobs().insert(called.job); !inserted) return inserted;
  return transaction.job_calls().insert(called.call);
}

Result<void> drop_inputs(Transaction& transaction, const Job& job, UnixMs now_ms) {
  const bool may_have_some =
      (job.surface == Surface::kUpscale && job.image_id.empty()) || job.surface == Surface::kStudio;
  if (!may_have_some) return {};
  const auto call = transaction.job_calls().find(job.id);
  if (!call) return std::unexpected(call.error());
  if (!*call) return {};
  const std::vector<std::string> keys = (*call)->inputs.object_keys();
  for (const std::string& key : keys) {
    if (auto marked = transaction.objects().mark_deleting(key, now_ms); !marked) return marked;
  }
  if (keys.empty()) return {};
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
