// Pictures: taking them in, showing them, deleting them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/once.h"
#include "app/outbox.h"
#include "app/storage.h"
#include "app/wallets.h"
#include "base/clock.h"
#include "base/random.h"
#include "domain/account.h"
#include "domain/image.h"
#include "domain/job.h"
#include "ports/database.h"
#include "ports/image_engine.h"
#include "ports/notifier.h"
#include "ports/object_store.h"

namespace tintype::app {

struct IngestRules {
  std::int64_t file_bytes_max = 10LL << 20;
  std::int64_t batch_bytes_max = 50LL << 20;
  int batch_files_max = 20;
};

// A file that arrived. `too_large` when its rest was dropped on the way in.
struct IncomingFile {
  std::string name;
  std::filesystem::path path;
  std::int64_t size_bytes = 0;
  bool too_large = false;
};

struct ImageWithJobs {
  Image image;
  std::vector<Job> jobs;  // those that the enhancement surface was asked for, newest first
};

// One file's fate in a batch, in the order of the files.
struct BatchItem {
  std::string file_name;
  std::variant<Image, Error> outcome;
};

class Images {
 public:
  Images(Database& database, ObjectStore& objects, ImageEngine& engine, Wallets& wallets, Outbox& outbox,
         const Storage& storage, Notifier& notifier, const Clock& clock, Random& random, IngestRules rules);

  // Checks type, limits and that it decodes to the end, stores the original, then the row. `album_id` may be empty;
  // a foreign one is kForbidden, a missing one kNotFound. Nothing stays behind when any step fails; when it is not
  // known whether the last commit was done, the object stays for the janitor to judge.
  Result<Outcome<Image>> upload(const Principal& principal, const IncomingFile& file, std::string_view album_id,
                                const Once<Image>& once);
  // The good ones are stored in one unit of work; a bad file fails alone. The call fails as a whole for too many
  // files, too many bytes, a bad album, or when a step of the storing fails, as with
  // one file.
  Result<Outcome<std::vector<BatchItem>>> upload_batch(const Principal& principal,
                                                       const std::vector<IncomingFile>& files,
                                                       std::string_view album_id,
                                                       const Once<std::vector<BatchItem>>& once);
  Result<ImageWithJobs> get(std::string_view user_id, std::string_view image_id);
  // What the original's file says of how it was taken.
  Result<PhotoMetadata> metadata(std::string_view user_id, std::string_view image_id);
  Result<std::vector<Image>> list(std::string_view user_id, const Page& page);
  // Those of these that are there and the user's, in this order.
  Result<std::vector<Image>> list_of_ids(std::string_view user_id, const std::vector<std::string>& ids);
  // What lays the list out.
  Result<std::vector<ImageOutline>> outline(std::string_view user_id, const Page& page);
  // Those whose original has this SHA-256 (hex, lower case): what an upload would be a duplicate of.
  Result<std::vector<Image>> list_of_digest(std::string_view user_id, std::string_view sha256, const Page& page);
  // Cancels its jobs (releasing their tokens), forgets the image and marks its objects for purging. An image in the
  // trash can be removed too.
  // With `due_by_ms` only when its time in the trash is over by then; kNotFound otherwise.
  Result<void> remove(std::string_view user_id, std::string_view image_id,
                      std::optional<UnixMs> due_by_ms = std::nullopt);
  // Cancels its jobs and puts it into the trash.
  Result<void> hide(std::string_view user_id, std::string_view image_id, UnixMs deletes_at_ms);

  const IngestRules& rules() const { return rules_; }

 private:
  // The row of a file that is fit to be stored; nothing is stored yet.
  Result<Image> examine(const Principal& principal, const IncomingFile& file);
  Result<std::optional<StoredReply>> before_upload(const Principal& principal, std::string_view album_id,
                                                   const std::optional<IdempotencyKey>& key);
  Result<void> begin_writing(const std::vector<Image>& images);
  Result<void> insert(Transaction& transaction, const Image& image, std::string_view album_id);
  Result<Outcome<std::vector<BatchItem>>> store_batch(const Principal& principal,
                                                      const std::vector<IncomingFile>& files,
                                                      std::vector<BatchItem>& items, const std::vector<Image>& images,
                                                      std::string_view album_id,
                                                      const Once<std::vector<BatchItem>>& once);
  Result<void> end_job(Transaction& transaction, Job job);
  // What makes variants goes on where the image may come back.
  enum class Ending { kAskedFor, kAll };
  Result<std::vector<Job>> end_jobs(Transaction& transaction, std::string_view user_id, std::string_view image_id,
                                    Ending ending);
  void tell(const std::vector<Job>& jobs);

  Database& database_;
  ObjectStore& objects_;
  ImageEngine& engine_;
  Wallets& wallets_;
  Outbox& outbox_;
  const Storage& storage_;
  Notifier& notifier_;
  const Clock& clock_;
  Random& random_;
  IngestRules rules_;
};

// Part of a unit of work: an image that is there and the user's; kNotFound.
Result<Image> own_image(Transaction& transaction, std::string_view user_id, std::string_view image_id);

}  // namespace tintype::app
