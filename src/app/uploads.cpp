#include "app/uploads.h"

#include "app/albums.h"
#include "app/object_keys.h"
#include "app/read.h"
#include "app/searches.h"

namespace tintype::app {

namespace {

std::unexpected<Error> gone() {
  return fail(ErrorCode::kGone, "This upload session has ended", "Announce the image again with POST /v1/images");
}

constexpr const char* kUploadSession = "Upload session";

std::unexpected<Error> not_found() {
  return fail(ErrorCode::kNotFound, std::string(kUploadSession) + " not found");
}

std::unexpected<Error> too_large(std::int64_t bytes_max) {
  return fail(ErrorCode::kFileTooLarge, "The file is over the limit of " + std::to_string(bytes_max) + " bytes",
              "Please upload a smaller file");
}

Image announced_image(Random& random, std::string_view user_id, const NewImage& request, UnixMs now_ms) {
  Image image;
  image.id = new_id(random, "img_");
  image.user_id = user_id;
  image.name = clean_file_name(request.file_name, std::string("image.") + image_format_extension(request.format));
  image.title = request.title;
  image.description = request.description;
  image.format = request.format;
  image.state = ImageState::kUploadPending;
  image.visibility = request.visibility;
  image.size_bytes = request.size_bytes.value_or(0);
  image.object_key = upload_key(random, image.id, request.format);
  image.created_at_ms = image.updated_at_ms = now_ms;
  return image;
}

}  // namespace

Uploads::Uploads(Database& database, ObjectStore& objects, ImageEngine& engine, const Storage& storage,
                 Notifier& notifier, const Clock& clock, Random& random, UploadRules rules)
    : database_(database),
      objects_(objects),
      engine_(engine),
      storage_(storage),
      notifier_(notifier),
      clock_(clock),
      random_(random),
      rules_(rules) {}

Result<Outcome<Announced>> Uploads::announce(const Principal& principal, const NewImage& request,
                                             const Once<Announced>& once) {
  if (request.size_bytes && *request.size_bytes > rules_.file_bytes_max) return too_large(rules_.file_bytes_max);
  const UnixMs now_ms = clock_.now_ms();
  const Image image = announced_image(random_, principal.user_id, request, now_ms);
  UploadSession session;
  session.id = new_id(random_, "up_");
  session.user_id = principal.user_id;
  session.image_id = image.id;
  session.object_key = image.object_key;
  session.total_bytes = request.size_bytes;
  session.content_type = request.content_type;
  session.part_size_bytes = part_size_for(request.size_bytes.value_or(0), rules_.part_size_bytes);
  session.client_sha256 = request.client_sha256;
  session.created_at_ms = now_ms;
  session.expires_at_ms = now_ms + rules_.session_ms;
  return run_once<Announced>(
      database_, principal.user_id, once, now_ms, [&](Transaction& transaction) -> Result<Announced> {
        if (!request.album_id.empty()) {
          auto album = own_album(transaction, principal.user_id, request.album_id);
          if (!album) return fail(ErrorCode::kNotFound, "Album not found");
        }
        if (auto checked = check_open(transaction, principal, request.size_bytes.has_value()); !checked) {
          return std::unexpected(checked.error());
        }
        if (auto fits = storage_.admit(transaction, principal, {image.size_bytes, 1}); !fits) {
          return std::unexpected(fits.error());
        }
        if (auto inserted = transaction.images().insert(image); !inserted) return std::unexpected(inserted.error());
        if (auto tagged = transaction.images().set_tags(image.id, request.tags); !tagged) {
          return std::unexpected(tagged.error());
        }
        if (!request.album_id.empty()) {
          const auto added = transaction.albums().add_image(request.album_id, image.id, now_ms);
          if (!added) return std::unexpected(added.error());
        }
        if (auto refreshed = refresh_search(transaction, image.id); !refreshed)
          return std::unexpected(refreshed.error());
        if (auto opened = transaction.uploads().insert(session); !opened) return std::unexpected(opened.error());
        return Announced{image, session};
      });
}

// What a store lets in of an unknown size is not known before it is complete, so that few of these may be open.
Result<void> Uploads::check_open(Transaction& transaction, const Principal& principal, bool is_size_known) {
  const auto open = transaction.uploads().count_open(principal.user_id);
  if (!open) return std::unexpected(open.error());
  const bool fits =
      open->all < rules_.open_max && (is_size_known || open->of_unknown_size < rules_.unknown_size_open_max);
  if (fits) return {};
  auto refused = fail(ErrorCode::kRateLimited, "Too many of your uploads are open",
                      "Complete or abort some; those that nobody goes on with end by themselves");
  refused.error().retry_after_seconds = 60;
  return refused;
}

Result<UploadSession> Uploads::read_session(FunctionRef<Result<std::optional<UploadSession>>(UploadRepository&)> find,
                                            const char* what) {
  auto found = read(database_, [&](Transaction& transaction) { return find(transaction.uploads()); });
  if (!found) return std::unexpected(found.error());
  auto& session = *found;
  if (!session) return fail(ErrorCode::kNotFound, std::string(what) + " not found");
  return std::move(*session);
}

Result<UploadSession> Uploads::session_of(std::string_view user_id, std::string_view session_id) {
  return read_session([&](UploadRepository& uploads) { return uploads.find(user_id, session_id); }, kUploadSession);
}

Result<UploadSession> Uploads::of_image(std::string_view user_id, std::string_view image_id) {
  return read_session([&](UploadRepository& uploads) { return uploads.of_image(user_id, image_id); }, "Image");
}

Result<UploadSession> Uploads::of_multipart(std::string_view user_id, std::string_view upload_id) {
  return read_session([&](UploadRepository& uploads) { return uploads.of_multipart(user_id, upload_id); },
                      kUploadSession);
}

// The session when bytes may still come for it.
Result<UploadSession> Uploads::live(UploadSession session) const {
  switch (session.state) {
    case UploadState::kAborted:
    case UploadState::kExpired: return gone();
    case UploadState::kCompleted:
      return fail(ErrorCode::kConflict, "This upload is complete already", "Announce another image for another file");
    case UploadState::kCreated:
    case UploadState::kOpen: break;
  }
  if (session.expires_at_ms <= clock_.now_ms()) return gone();
  return session;
}

Result<UploadSession> Uploads::start(const Principal& principal, const UploadStart& request) {
  auto found = of_image(principal.user_id, request.image_id);
  if (!found) return found;
  const auto session = live(std::move(*found));
  if (!session) return session;
  if (session->total_bytes != request.total_bytes) {
    return fail(ErrorCode::kInvalidInput,
                "total_bytes is not the size_bytes that was announced" +
                    (session->total_bytes ? ": " + std::to_string(*session->total_bytes) : std::string()),
                "Send the announced size, or announce the image anew");
  }
  if (parse_media_type(session->content_type) != request.format) {
    return fail(ErrorCode::kInvalidInput, "content_type is not the one that was announced: " + session->content_type,
                "Send the announced type, or announce the image anew");
  }
  if (session->state == UploadState::kOpen) {
    if (session->mode == request.mode) return session;
    return fail(ErrorCode::kConflict, "This upload was started in another way",
                "Go on with it, or abort it and announce the image anew");
  }
  if (request.mode == UploadMode::kMultipart) return open_multipart(*session);
  if (request.total_bytes && *request.total_bytes > rules_.single_bytes_max) {
    return fail(ErrorCode::kFileTooLarge, "One PUT takes at most " + std::to_string(rules_.single_bytes_max) + " bytes",
                "Send it in parts with POST /v1/uploads:resumable");
  }
  return open_single(*session);
}

// From created to open. Who loses against another call answers what that one made.
Result<UploadSession> Uploads::move_on(const UploadSession& open, const UploadSession& before) {
  bool moved = false;
  UploadSession now = open;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    const auto updated = transaction.uploads().update(open, before);
    if (!updated) return std::unexpected(updated.error());
    moved = *updated;
    if (!moved) {
      auto found = transaction.uploads().find(open.user_id, open.id);
      if (!found) return std::unexpected(found.error());
      if (!*found) return not_found();
      now = std::move(**found);
      return {};
    }
    const UnixMs now_ms = clock_.now_ms();
    // Of a single PUT the object's own key is chosen when it is copied there.
    return transaction.objects().begin_writing(open.staging_key.empty() ? open.object_key : open.staging_key, now_ms);
  });
  if (!written) return std::unexpected(written.error());
  if (moved) return now;
  auto session = live(std::move(now));
  if (session && session->mode != open.mode) {
    return fail(ErrorCode::kConflict, "This upload was started in another way", "Go on with it");
  }
  return session;
}

Result<UploadSession> Uploads::open_multipart(const UploadSession& session) {
  const auto upload_id = objects_.begin_multipart(session.object_key, session.content_type);
  if (!upload_id) return std::unexpected(upload_id.error());
  UploadSession open = session;
  open.state = UploadState::kOpen;
  open.mode = UploadMode::kMultipart;
  open.multipart_upload_id = *upload_id;
  auto now = move_on(open, session);
  // An upload that no session names is nobody's: the janitor takes what we cannot.
  if (!now || now->multipart_upload_id != *upload_id) {
    static_cast<void>(objects_.abort_multipart(session.object_key, *upload_id));
  }
  return now;
}

Result<UploadSession> Uploads::open_single(const UploadSession& session) {
  UploadSession open = session;
  open.state = UploadState::kOpen;
  open.mode = UploadMode::kSingle;
  open.staging_key =
      staging_key(random_, session.image_id, parse_media_type(session.content_type).value_or(ImageFormat::kJpeg));
  return move_on(open, session);
}

SignedPart Uploads::sign_part(const UploadSession& session, int number) const {
  const UnixMs expires_at_ms = std::min(clock_.now_ms() + rules_.url_ms, session.expires_at_ms);
  const auto size_bytes = part_bytes(session, number);
  return {number,
          objects_.signed_part_url(session.object_key, session.multipart_upload_id, number, size_bytes, expires_at_ms),
          size_bytes, expires_at_ms};
}

SignedPart Uploads::sign_whole(const UploadSession& session) const {
  const UnixMs expires_at_ms = std::min(clock_.now_ms() + rules_.url_ms, session.expires_at_ms);
  return {1, objects_.signed_put_url(session.staging_key, session.total_bytes, expires_at_ms), session.total_bytes,
          expires_at_ms};
}

// Of an upload whose size nobody announced the parts that are there count by what they have, and every other one up to
// this by the least size that the store takes; what they have in truth is counted when the upload is complete.
Result<void> Uploads::take_room(const Principal& principal, const UploadSession& session, int number) {
  const auto stored = objects_.list_parts(session.object_key, session.multipart_upload_id);
  if (!stored) return std::unexpected(stored.error());
  std::int64_t there = 0, to_come = number;
  for (const StoredPart& part : *stored) {
    there += part.size_bytes;
    if (part.number <= number) --to_come;
  }
  const std::int64_t bytes = there + to_come * kPartBytesMin;
  // The last part may have as little as a byte.
  if (bytes - kPartBytesMin >= rules_.file_bytes_max) return too_large(rules_.file_bytes_max);
  return database_.write([&](Transaction& transaction) -> Result<void> {
    auto image = transaction.images().find_any(principal.user_id, session.image_id);
    if (!image) return std::unexpected(image.error());
    if (!*image) return not_found();
    if ((*image)->size_bytes >= bytes) return {};
    if (auto fits = storage_.admit(transaction, principal, {bytes - (*image)->size_bytes, 0}); !fits) return fits;
    (*image)->size_bytes = bytes;
    return transaction.images().update(**image);
  });
}

Result<std::vector<SignedPart>> Uploads::sign_parts(const Principal& principal, std::string_view session_id,
                                                    const std::vector<int>& numbers) {
  auto found = session_of(principal.user_id, session_id);
  if (!found) return std::unexpected(found.error());
  const auto session = live(std::move(*found));
  if (!session) return std::unexpected(session.error());
  if (session->state != UploadState::kOpen || session->mode != UploadMode::kMultipart) {
    return fail(ErrorCode::kConflict, "This upload has no parts", "Start it with POST /v1/uploads:resumable");
  }
  const int count = part_count(*session);
  for (const int number : numbers) {
    if (number >= 1 && number <= count) continue;
    return fail(ErrorCode::kInvalidInput,
                "There is no part " + std::to_string(number) + ": this upload has parts 1 to " + std::to_string(count),
                "Cut the file into parts of part_size_bytes");
  }
  if (!session->total_bytes && !numbers.empty()) {
    const int last = *std::ranges::max_element(numbers);
    if (auto taken = take_room(principal, *session, last); !taken) return std::unexpected(taken.error());
  }
  std::vector<SignedPart> parts;
  for (const int number : numbers) parts.push_back(sign_part(*session, number));
  return parts;
}

Result<UploadProgress> Uploads::get(std::string_view user_id, std::string_view session_id) {
  auto session = session_of(user_id, session_id);
  if (!session) return std::unexpected(session.error());
  const bool over = session->state == UploadState::kExpired || session->state == UploadState::kAborted ||
                    (session->state != UploadState::kCompleted && session->expires_at_ms <= clock_.now_ms());
  if (over) return gone();
  const auto image = read(
      database_, [&](Transaction& transaction) { return transaction.images().find_any(user_id, session->image_id); });
  if (!image) return std::unexpected(image.error());
  UploadProgress progress{std::move(*session), {}, *image ? (*image)->fault : std::nullopt};
  if (progress.session.state != UploadState::kOpen || progress.session.mode != UploadMode::kMultipart) return progress;
  auto parts = objects_.list_parts(progress.session.object_key, progress.session.multipart_upload_id);
  if (parts) {
    progress.parts = std::move(*parts);
  } else if (parts.error().code != ErrorCode::kNotFound) {
    // Not found: joined already by a call to complete that was cut off, which can be made again.
    return std::unexpected(parts.error());
  }
  return progress;
}

Result<void> Uploads::abort(std::string_view user_id, std::string_view session_id) {
  while (true) {
    const auto session = session_of(user_id, session_id);
    if (!session) return std::unexpected(session.error());
    if (session->state == UploadState::kCompleted) {
      return fail(ErrorCode::kConflict, "This upload is complete already", "Delete the image instead");
    }
    const auto ended = end(*session, UploadState::kAborted);
    if (!ended) return std::unexpected(ended.error());
    if (*ended) return {};
  }
}

}  // namespace tintype::app
