#include "app/images.h"

#include "app/albums.h"
#include "app/called_jobs.h"
#include "app/jobs.h"
#include "app/object_keys.h"
#include "app/purge.h"
#include "app/read.h"
#include "app/scratch.h"
#include "app/searches.h"
#include "app/variants.h"
#include "base/file_digest.h"

namespace tintype::app {

namespace {

std::string megabytes(std::int64_t bytes) {
  return std::to_string(bytes >> 20) + "MB";
}

std::unexpected<Error> too_large(const IngestRules& rules) {
  const std::string limit = megabytes(rules.file_bytes_max);
  return fail(ErrorCode::kFileTooLarge, "File exceeds maximum size of " + limit,
              "Please upload a file smaller than " + limit);
}

}  // namespace

Images::Images(Database& database, ObjectStore& objects, ImageEngine& engine, Wallets& wallets, Outbox& outbox,
               const Storage& storage, Notifier& notifier, const Clock& clock, Random& random, IngestRules rules)
    : database_(database),
      objects_(objects),
      engine_(engine),
      wallets_(wallets),
      outbox_(outbox),
      storage_(storage),
      notifier_(notifier),
      clock_(clock),
      random_(random),
      rules_(rules) {}

Result<Image> Images::examine(const Principal& principal, const IncomingFile& file) {
  if (file.too_large || file.size_bytes > rules_.file_bytes_max) return too_large(rules_);
  if (file.size_bytes == 0) return fail(ErrorCode::kInvalidInput, "The file is empty", "Please choose a picture");
  const auto facts = engine_.verify(file.path);
  if (!facts) return std::unexpected(facts.error());
  auto digest = sha256_of_file(file.path);
  if (!digest) return std::unexpected(digest.error());
  Image image;
  image.id = new_id(random_, "img_");
  image.user_id = principal.user_id;
  image.name = clean_file_name(file.name, std::string("image.") + image_format_extension(facts->format));
  image.format = facts->format;
  image.state = ImageState::kStored;
  image.width_px = facts->width_px;
  image.height_px = facts->height_px;
  image.has_alpha = facts->has_alpha;
  image.size_bytes = file.size_bytes;
  image.sha256 = std::move(*digest);
  image.object_key = original_key(random_, image.id, facts->format);
  image.created_at_ms = image.updated_at_ms = clock_.now_ms();
  return image;
}

Result<void> Images::begin_writing(const std::vector<Image>& images) {
  return database_.write([&](Transaction& transaction) -> Result<void> {
    for (const Image& image : images) {
      auto begun = transaction.objects().begin_writing(image.object_key, image.created_at_ms);
      if (!begun) return begun;
    }
    return {};
  });
}

Result<void> Images::insert(Transaction& transaction, const Image& image, std::string_view album_id) {
  if (auto inserted = transaction.images().insert(image); !inserted) return inserted;
  if (!album_id.empty()) {
    const auto added = transaction.albums().add_image(album_id, image.id, image.created_at_ms);
    if (!added) return std::unexpected(added.error());
  }
  const auto ordered = order_variants(transaction, image, display_variants(), random_, image.created_at_ms);
  if (!ordered) return std::unexpected(ordered.error());
  if (auto refreshed = refresh_search(transaction, image.id); !refreshed) return refreshed;
  return transaction.objects().make_live(image.object_key, image.size_bytes, image.created_at_ms);
}

Result<std::optional<StoredReply>> Images::before_upload(const Principal& principal, std::string_view album_id,
                                                         const std::optional<IdempotencyKey>& key) {
  std::optional<StoredReply> kept;
  if (album_id.empty() && !key) return kept;
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    if (key) {
      auto found = find_reply(transaction, *key, clock_.now_ms());
      if (!found) return std::unexpected(found.error());
      kept = std::move(*found);
    }
    if (album_id.empty() || kept) return {};
    const auto album = own_album(transaction, principal.user_id, album_id);
    return album ? Result<void>() : std::unexpected(album.error());
  });
  if (!read) return std::unexpected(read.error());
  return kept;
}

Result<Outcome<Image>> Images::upload(const Principal& principal, const IncomingFile& file, std::string_view album_id,
                                      const Once<Image>& once) {
  auto kept = before_upload(principal, album_id, once.key);
  if (!kept) return std::unexpected(kept.error());
  if (*kept) return Outcome<Image>(std::move(**kept));
  const auto image = examine(principal, file);
  if (!image) return std::unexpected(image.error());
  if (auto begun = begin_writing({*image}); !begun) return std::unexpected(begun.error());
  if (auto put = objects_.put_file(image->object_key, file.path, image_format_media_type(image->format)); !put) {
    static_cast<void>(purge(database_, objects_, {image->object_key}));
    return std::unexpected(put.error());
  }
  auto outcome = run_once<Image>(
      database_, principal.user_id, once, clock_.now_ms(), [&](Transaction& transaction) -> Result<Image> {
        if (!album_id.empty()) {
          const auto album = own_album(transaction, principal.user_id, album_id);
          if (!album) return std::unexpected(album.error());
        }
        if (auto fits = storage_.admit(transaction, principal, {image->size_bytes, 1}); !fits) {
          return std::unexpected(fits.error());
        }
        if (auto inserted = insert(transaction, *image, album_id); !inserted) return std::unexpected(inserted.error());
        return *image;
      });
  if (nobody_names_it(outcome)) static_cast<void>(purge(database_, objects_, {image->object_key}));
  if (outcome) notifier_.notify(kBackgroundTopic);
  return outcome;
}

Result<Outcome<std::vector<BatchItem>>> Images::upload_batch(const Principal& principal,
                                                             const std::vector<IncomingFile>& files,
                                                             std::string_view album_id,
                                                             const Once<std::vector<BatchItem>>& once) {
  if (files.size() > static_cast<std::size_t>(rules_.batch_files_max)) {
    return fail(ErrorCode::kInvalidInput, "A batch has at most " + std::to_string(rules_.batch_files_max) + " files",
                "Please send the others in another batch");
  }
  std::int64_t total_bytes = 0;
  for (const IncomingFile& file : files) total_bytes += file.size_bytes;
  if (total_bytes > rules_.batch_bytes_max) {
    return fail(ErrorCode::kFileTooLarge, "Batch exceeds maximum size of " + megabytes(rules_.batch_bytes_max),
                "Please send fewer files at once");
  }
  auto kept = before_upload(principal, album_id, once.key);
  if (!kept) return std::unexpected(kept.error());
  if (*kept) return Outcome<std::vector<BatchItem>>(std::move(**kept));

  std::vector<BatchItem> items;
  std::vector<Image> images;
  for (const IncomingFile& file : files) {
    auto image = examine(principal, file);
    const std::string name = clean_file_name(file.name, "file");
    if (image) {
      // Distinct times keep the batch's order in every list that is ordered by time.
      image->created_at_ms = image->updated_at_ms = image->created_at_ms + static_cast<std::int64_t>(images.size());
      images.push_back(*image);
      items.push_back({name, std::move(*image)});
    } else {
      items.push_back({name, std::move(image.error())});
    }
  }
  return store_batch(principal, files, items, images, album_id, once);
}

Result<Outcome<std::vector<BatchItem>>> Images::store_batch(const Principal& principal,
                                                            const std::vector<IncomingFile>& files,
                                                            std::vector<BatchItem>& items,
                                                            const std::vector<Image>& images, std::string_view album_id,
                                                            const Once<std::vector<BatchItem>>& once) {
  if (!images.empty()) {
    if (auto begun = begin_writing(images); !begun) return std::unexpected(begun.error());
  }
  std::vector<std::string> keys;
  for (const Image& image : images) keys.push_back(image.object_key);
  for (std::size_t at = 0; at < items.size(); ++at) {
    const auto* image = std::get_if<Image>(&items[at].outcome);
    if (image == nullptr) continue;
    const auto put = objects_.put_file(image->object_key, files[at].path, image_format_media_type(image->format));
    if (put) continue;
    static_cast<void>(purge(database_, objects_, keys));
    return std::unexpected(put.error());
  }
  const auto insert_all = [&](Transaction& transaction) -> Result<std::vector<BatchItem>> {
    if (!album_id.empty()) {
      const auto album = own_album(transaction, principal.user_id, album_id);
      if (!album) return std::unexpected(album.error());
    }
    for (const Image& image : images) {
      if (auto fits = storage_.admit(transaction, principal, {image.size_bytes, 1}); !fits) {
        return std::unexpected(fits.error());
      }
      if (auto inserted = insert(transaction, image, album_id); !inserted) return std::unexpected(inserted.error());
    }
    return items;
  };
  auto outcome = run_once<std::vector<BatchItem>>(database_, principal.user_id, once, clock_.now_ms(), insert_all);
  if (nobody_names_it(outcome)) static_cast<void>(purge(database_, objects_, keys));
  if (outcome) notifier_.notify(kBackgroundTopic);
  return outcome;
}

Result<ImageWithJobs> Images::get(std::string_view user_id, std::string_view image_id) {
  ImageWithJobs found;
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    auto image = own_image(transaction, user_id, image_id);
    if (!image) return std::unexpected(image.error());
    found.image = std::move(*image);
    auto jobs = transaction.jobs().of_image(user_id, image_id);
    if (!jobs) return std::unexpected(jobs.error());
    found.jobs = std::move(*jobs);
    std::erase_if(found.jobs, [](const Job& job) {
      return job.operation == OperationKind::kVariants || job.surface != Surface::kEnhancement;
    });
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return found;
}

Result<PhotoMetadata> Images::metadata(std::string_view user_id, std::string_view image_id) {
  const auto image =
      read(database_, [&](Transaction& transaction) { return own_image(transaction, user_id, image_id); });
  if (!image) return std::unexpected(image.error());
  const auto file =
      ReadableFile::of(objects_, image->object_key, scratch_folder(objects_) / new_id(random_, "metadata-"));
  if (!file) return std::unexpected(file.error());
  return engine_.metadata(file->path());
}

Result<std::vector<Image>> Images::list(std::string_view user_id, const Page& page) {
  return read(database_, [&](Transaction& transaction) { return transaction.images().list(user_id, page); });
}

Result<std::vector<Image>> Images::list_of_ids(std::string_view user_id, const std::vector<std::string>& ids) {
  return read(database_, [&](Transaction& transaction) -> Result<std::vector<Image>> {
    std::vector<Image> images;
    for (const std::string& id : ids) {
      auto image = transaction.images().find(user_id, id);
      if (!image) return std::unexpected(image.error());
      if (*image) images.push_back(std::move(**image));
    }
    return images;
  });
}

Result<std::vector<ImageOutline>> Images::outline(std::string_view user_id, const Page& page) {
  return read(database_, [&](Transaction& transaction) { return transaction.images().outline(user_id, page); });
}

Result<std::vector<Image>> Images::list_of_digest(std::string_view user_id, std::string_view sha256, const Page& page) {
  return read(database_,
              [&](Transaction& transaction) { return transaction.images().list_of_digest(user_id, sha256, page); });
}

// Ends one unfinished job of an image that goes away. The worker of a running one finds its lease gone.
Result<void> Images::end_job(Transaction& transaction, Job job) {
  if (is_end_state(job.state)) return {};
  const UnixMs now_ms = clock_.now_ms();
  const bool is_queued = job.state == JobState::kQueued;
  job.state = JobState::kCancelled;
  job.finished_at_ms = job.updated_at_ms = now_ms;
  const auto ended =
      is_queued ? transaction.jobs().cancel_queued(job.user_id, job.id, now_ms) : transaction.jobs().finish(job);
  if (!ended) return std::unexpected(ended.error());
  if (!*ended) return fail(ErrorCode::kConflict, "A job of this image is just ending", "Please try again");
  if (auto released = wallets_.settle(transaction, {&job, 1}); !released) return released;
  if (auto noted = outbox_.note_end(transaction, job); !noted) return noted;
  if (auto dropped = drop_inputs(transaction, job, now_ms); !dropped) return dropped;
  return transaction.jobs().hand_over(job.id, job.waits_for);
}

// Ends what an image has, and answers it as it was.
Result<std::vector<Job>> Images::end_jobs(Transaction& transaction, std::string_view user_id, std::string_view image_id,
                                          Ending ending) {
  auto jobs = transaction.jobs().of_image(user_id, image_id);
  if (!jobs) return jobs;
  if (ending == Ending::kAskedFor) {
    std::erase_if(*jobs, [](const Job& job) { return job.operation == OperationKind::kVariants; });
  }
  // Oldest first, so that a batch is handed over from each job to the one behind it.
  for (auto job = jobs->rbegin(); job != jobs->rend(); ++job) {
    if (auto ended = end_job(transaction, *job); !ended) return std::unexpected(ended.error());
  }
  return jobs;
}

void Images::tell(const std::vector<Job>& jobs) {
  for (const Job& job : jobs) announce_stop(notifier_, outbox_, job);
  notifier_.notify(kQueueTopic);
}

Result<void> Images::hide(std::string_view user_id, std::string_view image_id, UnixMs deletes_at_ms) {
  std::vector<Job> jobs;
  auto written = database_.write(user_id, [&](Transaction& transaction) -> Result<void> {
    auto image = own_image(transaction, user_id, image_id);
    if (!image) return std::unexpected(image.error());
    auto ended = end_jobs(transaction, user_id, image_id, Ending::kAskedFor);
    if (!ended) return std::unexpected(ended.error());
    jobs = std::move(*ended);
    image->deleted_at_ms = image->updated_at_ms = clock_.now_ms();
    image->deletes_at_ms = deletes_at_ms;
    if (auto updated = transaction.images().update(*image); !updated) return updated;
    return refresh_search(transaction, image_id);
  });
  if (!written) return written;
  tell(jobs);
  notifier_.notify(image_topic(image_id));
  return {};
}

Result<void> Images::remove(std::string_view user_id, std::string_view image_id, std::optional<UnixMs> due_by_ms) {
  std::vector<std::string> keys;
  std::vector<Job> jobs;
  auto written = database_.write(user_id, [&](Transaction& transaction) -> Result<void> {
    keys.clear();
    const auto image = transaction.images().find_any(user_id, image_id);
    if (!image) return std::unexpected(image.error());
    const bool is_due = !due_by_ms || (*image && (*image)->deletes_at_ms && *(*image)->deletes_at_ms <= *due_by_ms);
    if (!*image || (*image)->state == ImageState::kUploadPending || !is_due) {
      return fail(ErrorCode::kNotFound, "Image not found");
    }
    keys.push_back((*image)->object_key);
    auto ended = end_jobs(transaction, user_id, image_id, Ending::kAll);
    if (!ended) return std::unexpected(ended.error());
    jobs = std::move(*ended);
    for (const Job& job : jobs) {
      if (job.result && !job.result->object_key.empty()) keys.push_back(job.result->object_key);
    }
    const auto variants = transaction.variants().of_image(user_id, image_id);
    if (!variants) return std::unexpected(variants.error());
    for (const Variant& variant : *variants) {
      if (!variant.object_key.empty()) keys.push_back(variant.object_key);
    }
    const UnixMs now_ms = clock_.now_ms();
    for (const std::string& key : keys) {
      if (auto marked = transaction.objects().mark_deleting(key, now_ms); !marked) return marked;
    }
    const auto removed = transaction.images().remove(user_id, image_id);
    return removed ? Result<void>() : std::unexpected(removed.error());
  });
  if (!written) return written;
  tell(jobs);
  notifier_.notify(image_topic(image_id));
  static_cast<void>(purge(database_, objects_, keys));
  return {};
}

Result<Image> own_image(Transaction& transaction, std::string_view user_id, std::string_view image_id) {
  auto found = transaction.images().find(user_id, image_id);
  if (!found) return std::unexpected(found.error());
  if (!*found) return fail(ErrorCode::kNotFound, "Image not found");
  return std::move(**found);
}

}  // namespace tintype::app
