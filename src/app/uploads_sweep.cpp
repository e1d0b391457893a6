// The end of uploads that were not completed.
#include "app/jobs.h"
#include "app/object_keys.h"
#include "app/read.h"
#include "app/uploads.h"

namespace tintype::app {

namespace {

constexpr std::int64_t kUnknownSweepMs = 3'600'000;  // between looks at all that the store has open
constexpr std::int64_t kSlowPutMs = 3'600'000;       // that began before its URL expired

}  // namespace

// Takes a session to its end together with the image that was announced; the store's part follows, and is the
// janitor's when it fails. A session that has moved on meanwhile is left alone: false.
Result<bool> Uploads::end(const UploadSession& session, UploadState state) {
  UploadSession ended = session;
  ended.state = state;
  bool moved = false;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    const auto updated = transaction.uploads().update(ended, session);
    if (!updated) return std::unexpected(updated.error());
    moved = *updated;
    if (!moved) return {};
    if (auto marked = transaction.objects().mark_deleting(session.object_key, clock_.now_ms()); !marked) return marked;
    if (auto marked = transaction.objects().mark_deleting(session.staging_key, staging_due_ms()); !marked)
      return marked;
    const auto removed = transaction.images().remove(session.user_id, session.image_id);
    return removed ? Result<void>() : std::unexpected(removed.error());
  });
  if (!written) return std::unexpected(written.error());
  if (!moved) return false;
  notifier_.notify(image_topic(session.image_id));
  abort_at_store(ended);
  if (!session.staging_key.empty()) static_cast<void>(objects_.remove(session.staging_key));
  return true;
}

// A signed URL outlives its session: what it still lets in is removed when nothing can come any more.
UnixMs Uploads::staging_due_ms() const {
  return clock_.now_ms() + rules_.url_ms + kSlowPutMs;
}

void Uploads::abort_at_store(const UploadSession& session) {
  if (session.multipart_upload_id.empty()) return;
  if (!objects_.abort_multipart(session.object_key, session.multipart_upload_id)) return;
  UploadSession aborted = session;
  aborted.multipart_upload_id.clear();
  static_cast<void>(database_.write([&](Transaction& transaction) -> Result<void> {
    const auto updated = transaction.uploads().update(aborted, session);
    return updated ? Result<void>() : std::unexpected(updated.error());
  }));
}

// Uploads that were begun at the store by a call that did not live to write it down.
Result<int> Uploads::sweep_unknown() {
  const UnixMs now_ms = clock_.now_ms();
  if (now_ms - unknown_swept_at_ms_ < kUnknownSweepMs) return 0;
  std::vector<OpenMultipart> old;
  auto listed = objects_.list_multiparts(kUploadKeyPrefix, [&](const OpenMultipart& upload) {
    if (upload.begun_at_ms < now_ms - kUnknownSweepMs) old.push_back(upload);
    return true;
  });
  if (!listed) return std::unexpected(listed.error());
  int aborted = 0;
  for (const OpenMultipart& upload : old) {
    bool known = true;
    auto read = database_.read([&](Transaction& transaction) -> Result<void> {
      const auto knows = transaction.uploads().knows_multipart(upload.upload_id);
      if (!knows) return std::unexpected(knows.error());
      known = *knows;
      return {};
    });
    if (!read) return std::unexpected(read.error());
    if (!known && objects_.abort_multipart(upload.key, upload.upload_id)) ++aborted;
  }
  unknown_swept_at_ms_ = now_ms;
  return aborted;
}

Result<int> Uploads::sweep(int limit) {
  std::vector<UploadSession> expired, to_abort;
  int went = 0;
  const UnixMs now_ms = clock_.now_ms();
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    auto over = transaction.uploads().expired(now_ms, limit);
    if (!over) return std::unexpected(over.error());
    auto ended = transaction.uploads().to_abort(limit);
    if (!ended) return std::unexpected(ended.error());
    const auto removed = transaction.uploads().remove_ended(now_ms - rules_.ended_kept_ms, limit);
    if (!removed) return std::unexpected(removed.error());
    expired = std::move(*over);
    to_abort = std::move(*ended);
    went = *removed;
    return {};
  });
  if (!written) return std::unexpected(written.error());
  for (const UploadSession& session : expired) {
    if (auto done = end(session, UploadState::kExpired); !done) return std::unexpected(done.error());
  }
  for (const UploadSession& session : to_abort) abort_at_store(session);
  const auto unknown = sweep_unknown();
  if (!unknown) return std::unexpected(unknown.error());
  return went + static_cast<int>(expired.size()) + *unknown;
}

Result<int> Uploads::receive() {
  constexpr int kLooksMax = 100;
  auto found = read(database_, [&](Transaction& transaction) {
    return transaction.uploads().single_ones(received_up_to_, kLooksMax);
  });
  if (!found) return std::unexpected(found.error());
  auto& waiting = *found;
  // In turns, so that no number of those that do not come keeps others waiting.
  const bool is_last = static_cast<int>(waiting.size()) < kLooksMax;
  received_up_to_ = is_last ? PageCursor{} : PageCursor{waiting.back().created_at_ms, waiting.back().id};
  int received = 0;
  for (const UploadSession& session : waiting) {
    const auto info = objects_.stat(session.staging_key);
    if (!info) return std::unexpected(info.error());
    if (*info && complete(session.user_id, session.id, std::nullopt)) ++received;
  }
  return received;
}

}  // namespace tintype::app
