// From parts at the store to an image that is there.
#include <functional>
#include <memory>

#include "app/jobs.h"
#include "app/object_keys.h"
#include "app/publish.h"
#include "app/purge.h"
#include "app/read.h"
#include "app/scratch.h"
#include "app/searches.h"
#include "app/uploads.h"
#include "app/variants.h"
#include "base/file_digest.h"
#include "base/log.h"

namespace tintype::app {

namespace {

std::unexpected<Error> bad_list(std::string message) {
  return fail(ErrorCode::kInvalidInput, std::move(message),
              "Read GET /v1/uploads/{id} for the parts that the store has; nothing was changed");
}

std::unexpected<Error> lacks(int number) {
  return bad_list("parts lacks part " + std::to_string(number) + ", which is in the store");
}

std::unexpected<Error> bad_file(std::string message, ErrorCode code = ErrorCode::kInvalidInput) {
  return fail(code, std::move(message),
              "It was deleted: send the right file in the same session, from the first part on, or delete the image");
}

std::string unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.starts_with('"') && etag.ends_with('"')) etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

// Whether the file itself is at fault, so that sending it once more may help and looking once more cannot.
bool is_about_the_file(ErrorCode code) {
  return code == ErrorCode::kInvalidInput || code == ErrorCode::kUnsupportedMediaType ||
         code == ErrorCode::kFileTooLarge;
}

}  // namespace

// An upload whose bytes lie whole in the store, and nobody has looked at them yet.
struct Uploads::Arrived {
  std::string key;
  ObjectInfo info;
};

Result<Image> Uploads::stored_image(const UploadSession& session) {
  auto found = read(database_, [&](Transaction& transaction) {
    return transaction.images().find_any(session.user_id, session.image_id);
  });
  if (!found) return std::unexpected(found.error());
  auto& image = *found;
  if (!image) return fail(ErrorCode::kGone, "The image of this upload was deleted");
  return std::move(*image);
}

Result<void> Uploads::check_parts(const UploadSession& session, const std::vector<StoredPart>& given,
                                  const std::vector<StoredPart>& stored) const {
  for (std::size_t at = 1; at < given.size(); ++at) {
    const std::string name = "part " + std::to_string(given[at].number);
    if (given[at].number == given[at - 1].number) return bad_list("parts has " + name + " twice");
    if (given[at].number < given[at - 1].number) return bad_list("parts must be in ascending order: " + name);
  }
  std::int64_t bytes = 0;
  auto known = stored.begin();
  for (const StoredPart& part : given) {
    const std::string name = "part " + std::to_string(part.number);
    if (known != stored.end() && known->number < part.number) return lacks(known->number);
    if (known == stored.end() || known->number > part.number) return bad_list("The store has no " + name);
    if (unquoted(known->etag) != unquoted(part.etag)) {
      return bad_list("The etag of " + name + " is not that of the part in the store");
    }
    bytes += known->size_bytes;
    ++known;
  }
  if (known != stored.end()) return lacks(known->number);
  if (session.total_bytes && bytes != *session.total_bytes) {
    return bad_list("The parts have " + std::to_string(bytes) + " bytes together, but " +
                    std::to_string(*session.total_bytes) + " were announced");
  }
  if (bytes > rules_.file_bytes_max) {
    return fail(ErrorCode::kFileTooLarge,
                "The file is over the limit of " + std::to_string(rules_.file_bytes_max) + " bytes",
                "Its parts were deleted: abort this upload, or send a smaller file in it");
  }
  return {};
}

Result<Uploads::Arrived> Uploads::join(const UploadSession& session,
                                       const std::optional<std::vector<StoredPart>>& parts) {
  if (!parts || parts->empty()) return bad_list("Please provide parts");
  auto stored = objects_.list_parts(session.object_key, session.multipart_upload_id);
  if (!stored) {
    if (stored.error().code != ErrorCode::kNotFound) return std::unexpected(stored.error());
    // Joined by a call that was cut off before it could write so.
    const auto info = objects_.stat(session.object_key);
    if (!info) return std::unexpected(info.error());
    if (!*info) return fail(ErrorCode::kGone, "The store does not have this upload any more", "Start anew");
    return Arrived{session.object_key, **info};
  }
  if (auto checked = check_parts(session, *parts, *stored); !checked) return std::unexpected(checked.error());
  auto info = objects_.complete_multipart(session.object_key, session.multipart_upload_id, *stored);
  if (!info && info.error().code == ErrorCode::kNotFound) {
    const auto found = objects_.stat(session.object_key);
    if (found && *found) return Arrived{session.object_key, **found};
  }
  if (!info) return std::unexpected(info.error());
  return Arrived{session.object_key, std::move(*info)};
}

Result<Uploads::Arrived> Uploads::find_single(const UploadSession& session) {
  auto info = objects_.stat(session.staging_key);
  if (!info) return std::unexpected(info.error());
  if (!*info) return fail(ErrorCode::kConflict, "The file has not arrived yet", "PUT it to the signed URL first");
  return Arrived{session.staging_key, std::move(**info)};
}

// What the image is, by its bytes alone, held against what was announced.
Result<Image> Uploads::examine(const UploadSession& session, const Arrived& arrived, Image image) {
  const std::int64_t size_bytes = arrived.info.size_bytes;
  if (session.total_bytes && size_bytes != *session.total_bytes) {
    return bad_file("The file has " + std::to_string(size_bytes) + " bytes, but " +
                    std::to_string(*session.total_bytes) + " were announced");
  }
  if (size_bytes > rules_.file_bytes_max) {
    return bad_file("The file is over the limit of " + std::to_string(rules_.file_bytes_max) + " bytes",
                    ErrorCode::kFileTooLarge);
  }
  const auto reader = objects_.open(arrived.key);
  if (!reader) return std::unexpected(reader.error());
  if ((*reader)->info().etag != arrived.info.etag) {
    return fail(ErrorCode::kConflict, "The file was replaced just now", "Complete the upload again");
  }
  // What came by one PUT may be replaced under our hands: we look at a copy of our own, and copy by its etag.
  const std::filesystem::path scratch = scratch_folder(objects_) / new_id(random_, "upload-");
  const ScratchFile own(scratch);
  std::filesystem::path file = scratch;
  if (const auto there = (*reader)->file(); there && session.mode == UploadMode::kMultipart) {
    file = *there;
  } else if (auto copied = copy_to(**reader, scratch); !copied) {
    return std::unexpected(copied.error());
  }
  const auto digest = sha256_of_file(file);
  if (!digest) return std::unexpected(digest.error());
  if (!session.client_sha256.empty() && *digest != session.client_sha256) {
    return bad_file("The file's SHA-256 is " + *digest + ", but " + session.client_sha256 + " was announced");
  }
  const auto facts = engine_.verify(file);
  if (!facts) {
    if (!is_about_the_file(facts.error().code)) return std::unexpected(facts.error());
    return bad_file(facts.error().message);
  }
  if (parse_media_type(session.content_type) != facts->format) {
    return bad_file("The file is a picture of type " + std::string(image_format_media_type(facts->format)) + ", but " +
                    session.content_type + " was announced");
  }
  image.format = facts->format;
  image.width_px = facts->width_px;
  image.height_px = facts->height_px;
  image.has_alpha = facts->has_alpha;
  image.sha256 = *digest;
  return image;
}

// What is to be made of an image that has arrived.
Result<void> Uploads::order_all(Transaction& transaction, const Image& image, UnixMs now_ms) {
  auto ordered = order_variants(transaction, image, display_variants(), random_, now_ms);
  if (ordered && image.visibility == Visibility::kPublic) ordered = publish(transaction, image, random_, now_ms);
  return ordered ? Result<void>() : std::unexpected(ordered.error());
}

// The last step, in one unit of work: the object is live, the image is there, the session is complete.
Result<Image> Uploads::settle(const UploadSession& session, const Arrived& arrived, const Image& image) {
  UploadSession completed = session;
  completed.object_key = image.object_key;
  completed.state = UploadState::kCompleted;
  Image stored = image;
  bool moved = false;
  auto written = database_.write(session.user_id, [&](Transaction& transaction) -> Result<void> {
    const auto updated = transaction.uploads().update(completed, session);
    if (!updated) return std::unexpected(updated.error());
    moved = *updated;
    if (!moved) return {};
    const auto found = transaction.images().find_any(session.user_id, session.image_id);
    if (!found) return std::unexpected(found.error());
    if (!*found) return fail(ErrorCode::kGone, "The image of this upload was deleted");
    const UnixMs now_ms = clock_.now_ms();
    stored = **found;
    const std::int64_t more = arrived.info.size_bytes - stored.size_bytes;
    if (auto fits = storage_.admit(transaction, session.user_id, {more, 0}); !fits) return fits;
    stored.state = ImageState::kStored;
    stored.format = image.format;
    stored.width_px = image.width_px;
    stored.height_px = image.height_px;
    stored.has_alpha = image.has_alpha;
    stored.sha256 = image.sha256;
    stored.size_bytes = arrived.info.size_bytes;
    stored.object_key = image.object_key;
    stored.fault = std::nullopt;
    stored.updated_at_ms = now_ms;
    if (auto changed = transaction.images().update(stored); !changed) return changed;
    if (auto refreshed = refresh_search(transaction, stored.id); !refreshed) return refreshed;
    if (auto live = transaction.objects().make_live(stored.object_key, stored.size_bytes, now_ms); !live) return live;
    if (auto ordered = order_all(transaction, stored, now_ms); !ordered) return ordered;
    return transaction.objects().mark_deleting(session.staging_key, staging_due_ms());
  });
  if (!written) return std::unexpected(written.error());
  if (moved) {
    notifier_.notify(kBackgroundTopic);
    notifier_.notify(image_topic(session.image_id));
    if (!session.staging_key.empty()) static_cast<void>(objects_.remove(session.staging_key));
    return stored;
  }
  if (image.object_key != session.object_key) static_cast<void>(purge(database_, objects_, {image.object_key}));
  const auto now = session_of(session.user_id, session.id);
  if (!now) return std::unexpected(now.error());
  if (now->state == UploadState::kCompleted) return stored_image(session);
  return fail(ErrorCode::kConflict, "This upload was ended or begun anew meanwhile", "Read its present state");
}

// Whoever completes an upload may be gone before the answer, or be this program itself: its owner reads it here.
Result<void> Uploads::put_fault(Transaction& transaction, const UploadSession& session, const Error& why) {
  auto image = transaction.images().find_any(session.user_id, session.image_id);
  if (!image) return std::unexpected(image.error());
  if (!*image || (*image)->state != ImageState::kUploadPending) return {};
  (*image)->fault = ImageFault{error_code_name(why.code), why.message};
  (*image)->updated_at_ms = clock_.now_ms();
  return transaction.images().update(**image);
}

// Of a file that stays where it is.
void Uploads::keep_fault(const UploadSession& session, const Error& why) {
  const auto written = database_.write([&](Transaction& transaction) { return put_fault(transaction, session, why); });
  if (!written) return log(LogLevel::kError, "fault_not_kept", {{"cause", written.error().cause}});
  notifier_.notify(image_topic(session.image_id));
}

// A refused file goes, and another may come under another key.
void Uploads::begin_anew(const UploadSession& session, const Arrived& arrived, const Error& why) {
  const ImageFormat format = parse_media_type(session.content_type).value_or(ImageFormat::kJpeg);
  UploadSession anew = session;
  if (session.mode == UploadMode::kSingle) {
    anew.staging_key = staging_key(random_, session.image_id, format);
  } else {
    anew.object_key = upload_key(random_, session.image_id, format);
    auto upload_id = objects_.begin_multipart(anew.object_key, session.content_type);
    if (!upload_id) return log(LogLevel::kError, "upload_not_begun_anew", {{"cause", upload_id.error().cause}});
    anew.multipart_upload_id = *upload_id;
  }
  bool moved = false;
  const auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    const auto updated = transaction.uploads().update(anew, session);
    if (!updated) return std::unexpected(updated.error());
    moved = *updated;
    if (!moved) return {};
    if (auto put = put_fault(transaction, session, why); !put) return put;
    const UnixMs now_ms = clock_.now_ms();
    const bool single = session.mode == UploadMode::kSingle;
    const UnixMs due_ms = single ? staging_due_ms() : now_ms;
    if (auto marked = transaction.objects().mark_deleting(arrived.key, due_ms); !marked) return marked;
    return transaction.objects().begin_writing(single ? anew.staging_key : anew.object_key, now_ms);
  });
  if (written && moved) {
    notifier_.notify(image_topic(session.image_id));
    static_cast<void>(objects_.remove(arrived.key));
    static_cast<void>(objects_.abort_multipart(session.object_key, session.multipart_upload_id));
    return;
  }
  if (anew.multipart_upload_id != session.multipart_upload_id) {
    static_cast<void>(objects_.abort_multipart(anew.object_key, anew.multipart_upload_id));
  }
}

// Copies a looked-at file to a key of this attempt alone: another attempt harms nothing, whichever is first.
Result<Image> Uploads::place(const UploadSession& session, const Arrived& arrived, Image image) {
  image.object_key = session.object_key;
  if (session.mode == UploadMode::kMultipart) return image;
  image.object_key = upload_key(random_, session.image_id, image.format);
  auto begun = database_.write(
      [&](Transaction& transaction) { return transaction.objects().begin_writing(image.object_key, clock_.now_ms()); });
  if (!begun) return std::unexpected(begun.error());
  const auto copied =
      objects_.copy(arrived.key, image.object_key, arrived.info.etag, image_format_media_type(image.format));
  if (copied) return image;
  static_cast<void>(purge(database_, objects_, {image.object_key}));
  return std::unexpected(copied.error());
}

Result<Image> Uploads::complete(std::string_view user_id, std::string_view session_id,
                                const std::optional<std::vector<StoredPart>>& parts) {
  auto found = session_of(user_id, session_id);
  if (!found) return std::unexpected(found.error());
  if (found->state == UploadState::kCompleted) return stored_image(*found);
  const auto session = live(std::move(*found));
  if (!session) return std::unexpected(session.error());
  if (session->state != UploadState::kOpen) {
    return fail(ErrorCode::kConflict, "Nothing was uploaded yet", "Start with POST /v1/uploads:resumable");
  }
  {
    std::lock_guard lock(mutex_);
    if (!completing_.insert(session->id).second) {
      auto busy = fail(ErrorCode::kConflict, "This upload is being completed", "Ask again in a moment");
      busy.error().retry_after_seconds = 1;
      return busy;
    }
  }
  // Whatever is thrown meanwhile, the session can be completed again.
  const std::unique_ptr<const std::string, std::function<void(const std::string*)>> done(&session->id,
                                                                                         [this](const std::string* id) {
                                                                                           std::lock_guard lock(mutex_);
                                                                                           completing_.erase(*id);
                                                                                         });
  return complete_live(*session, parts);
}

Result<Image> Uploads::complete_live(const UploadSession& session,
                                     const std::optional<std::vector<StoredPart>>& parts) {
  const bool single = session.mode == UploadMode::kSingle;
  const auto arrived = single ? find_single(session) : join(session, parts);
  if (!arrived) {
    if (arrived.error().code == ErrorCode::kFileTooLarge) {
      begin_anew(session, {session.object_key, {}}, arrived.error());
    }
    return std::unexpected(arrived.error());
  }
  const auto announced = stored_image(session);
  if (!announced) return std::unexpected(announced.error());
  const auto looked_at = examine(session, *arrived, *announced);
  if (!looked_at) {
    if (is_about_the_file(looked_at.error().code)) begin_anew(session, *arrived, looked_at.error());
    return std::unexpected(looked_at.error());
  }
  const auto image = place(session, *arrived, *looked_at);
  if (!image) return std::unexpected(image.error());
  auto stored = settle(session, *arrived, *image);
  if (stored) return stored;
  if (single && stored.error().code != ErrorCode::kInternal) {
    static_cast<void>(purge(database_, objects_, {image->object_key}));
  }
  if (stored.error().code != ErrorCode::kQuotaExceeded) return stored;
  // Nobody would ask again for what came by one PUT without an announced size.
  if (single && !session.total_bytes) {
    begin_anew(session, *arrived, stored.error());
  } else {
    keep_fault(session, stored.error());
  }
  return stored;
}

}  // namespace tintype::app
