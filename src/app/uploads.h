// Resumable uploads: an image is announced, its original is sent to the object store in parts (or by one PUT) that this
// program signs and never carries, and the whole is looked at before the image is there.
#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/once.h"
#include "app/storage.h"
#include "base/clock.h"
#include "base/function_ref.h"
#include "base/random.h"
#include "domain/account.h"
#include "domain/image.h"
#include "domain/upload_session.h"
#include "ports/database.h"
#include "ports/image_engine.h"
#include "ports/notifier.h"
#include "ports/object_store.h"

namespace tintype::app {

inline constexpr int kSignedPartsMax = 100;  // of one call

struct UploadRules {
  std::int64_t part_size_bytes = 8LL << 20;
  std::int64_t file_bytes_max = 200LL << 20;
  std::int64_t single_bytes_max = 100LL << 20;  // of what comes by one PUT
  int open_max = 1'000;                         // sessions of one user that have not ended
  int unknown_size_open_max = 20;               // of these, those whose size was not announced
  std::int64_t session_ms = 24LL * 3'600'000;
  std::int64_t url_ms = 15LL * 60'000;                // of a signed URL
  std::int64_t ended_kept_ms = 7LL * 24 * 3'600'000;  // how long an ended session is known
};

struct NewImage {
  std::string file_name;
  ImageFormat format = ImageFormat::kJpeg;
  std::string content_type;
  std::optional<std::int64_t> size_bytes;  // unknown where the client's protocol does not say
  Visibility visibility = Visibility::kPrivate;
  std::string album_id;       // empty for none
  std::string client_sha256;  // hex, empty for none
  std::string title;
  std::string description;
  std::vector<std::string> tags;
};

struct Announced {
  Image image;
  UploadSession session;
};

// What a client asks of its session when it starts.
struct UploadStart {
  std::string image_id;
  UploadMode mode = UploadMode::kMultipart;
  std::optional<std::int64_t> total_bytes;  // as it was announced, both
  ImageFormat format = ImageFormat::kJpeg;
};

struct SignedPart {
  int number = 0;
  std::string url;
  std::optional<std::int64_t> size_bytes;  // what the URL takes, exactly; any when unknown
  UnixMs expires_at_ms = 0;
};

struct UploadProgress {
  UploadSession session;
  std::vector<StoredPart> parts;    // that the store has acknowledged, ascending
  std::optional<ImageFault> fault;  // why the last file that came was refused
};

class Uploads {
 public:
  Uploads(Database& database, ObjectStore& objects, ImageEngine& engine, const Storage& storage, Notifier& notifier,
          const Clock& clock, Random& random, UploadRules rules);

  // The image's row and its session; nothing is uploaded yet. kQuotaExceeded, kFileTooLarge, kNotFound for an album
  // that is not the caller's.
  Result<Outcome<Announced>> announce(const Principal& principal, const NewImage& request, const Once<Announced>& once);
  // Opens the session of an announced image; opening it again answers the same. kInvalidInput when size or type are not
  // those that were announced, kGone for a session that has expired or was aborted, kConflict when it is open
  // otherwise.
  Result<UploadSession> start(const Principal& principal, const UploadStart& request);
  // kInvalidInput for a number that the upload does not have, kConflict for a session that is not open, kGone. Where
  // the size was not announced, the parts' room is taken from the quota here.
  Result<std::vector<SignedPart>> sign_parts(const Principal& principal, std::string_view session_id,
                                             const std::vector<int>& numbers);
  // Where to PUT the whole, with UploadMode::kSingle.
  SignedPart sign_whole(const UploadSession& session) const;
  Result<UploadProgress> get(std::string_view user_id, std::string_view session_id);
  Result<UploadSession> of_image(std::string_view user_id, std::string_view image_id);
  Result<UploadSession> of_multipart(std::string_view user_id, std::string_view upload_id);

  // Puts the parts together, looks at the file and makes the image `stored`; `parts` is nothing with kSingle. Again it
  // gives the first answer. A list that is not what the store has, or lacks something, changes nothing. A file that is
  // not what was announced is deleted, and the session begins anew, without parts: kInvalidInput says what was wrong,
  // and the image keeps it as its fault.
  Result<Image> complete(std::string_view user_id, std::string_view session_id,
                         const std::optional<std::vector<StoredPart>>& parts);
  // Ends the session and forgets the image that was announced. Again is no error; kConflict when it was completed.
  Result<void> abort(std::string_view user_id, std::string_view session_id);

  // For the janitor: sessions whose time is over, uploads at the store that nobody needs, old rows. How many went.
  Result<int> sweep(int limit);
  // Completes what came by one PUT from clients that do not say when they are done. How many images are there now.
  Result<int> receive();

  const UploadRules& rules() const { return rules_; }

 private:
  Result<UploadSession> read_session(FunctionRef<Result<std::optional<UploadSession>>(UploadRepository&)> find,
                                     const char* what);
  Result<UploadSession> session_of(std::string_view user_id, std::string_view session_id);
  Result<UploadSession> live(UploadSession session) const;
  Result<UploadSession> open_multipart(const UploadSession& session);
  Result<UploadSession> open_single(const UploadSession& session);
  Result<UploadSession> move_on(const UploadSession& open, const UploadSession& before);
  Result<void> take_room(const Principal& principal, const UploadSession& session, int number);
  SignedPart sign_part(const UploadSession& session, int number) const;

  // What the completing is made of; see uploads_complete.cpp.
  struct Arrived;
  Result<Image> stored_image(const UploadSession& session);
  Result<void> check_parts(const UploadSession& session, const std::vector<StoredPart>& given,
                           const std::vector<StoredPart>& stored) const;
  Result<Arrived> join(const UploadSession& session, const std::optional<std::vector<StoredPart>>& parts);
  Result<Arrived> find_single(const UploadSession& session);
  Result<Image> examine(const UploadSession& session, const Arrived& arrived, Image image);
  Result<void> order_all(Transaction& transaction, const Image& image, UnixMs now_ms);
  Result<Image> place(const UploadSession& session, const Arrived& arrived, Image image);
  Result<Image> settle(const UploadSession& session, const Arrived& arrived, const Image& image);
  void begin_anew(const UploadSession& session, const Arrived& arrived, const Error& why);
  Result<void> put_fault(Transaction& transaction, const UploadSession& session, const Error& why);
  void keep_fault(const UploadSession& session, const Error& why);

  Result<bool> end(const UploadSession& session, UploadState state);
  void abort_at_store(const UploadSession& session);
  Result<int> sweep_unknown();
  Result<void> check_open(Transaction& transaction, const Principal& principal, bool is_size_known);
  Result<Image> complete_live(const UploadSession& session, const std::optional<std::vector<StoredPart>>& parts);
  UnixMs staging_due_ms() const;

  Database& database_;
  ObjectStore& objects_;
  ImageEngine& engine_;
  const Storage& storage_;
  Notifier& notifier_;
  const Clock& clock_;
  Random& random_;
  UploadRules rules_;
  std::mutex mutex_;
  std::set<std::string, std::less<>> completing_;  // ids of sessions whose file this process looks at; by mutex_
  UnixMs unknown_swept_at_ms_ = 0;                 // by the janitor alone, both
  PageCursor received_up_to_;
};

}  // namespace tintype::app
