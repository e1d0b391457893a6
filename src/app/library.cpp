#include "app/library.h"

#include "app/jobs.h"
#include "app/publish.h"
#include "app/read.h"
#include "app/searches.h"

namespace tintype::app {

namespace {

std::unexpected<Error> not_found() {
  return fail(ErrorCode::kNotFound, "Image not found");
}

}  // namespace

Library::Library(Database& database, Images& images, Uploads& uploads, Notifier& notifier, const Clock& clock,
                 Random& random, LibraryRules rules)
    : database_(database),
      images_(images),
      uploads_(uploads),
      notifier_(notifier),
      clock_(clock),
      random_(random),
      rules_(rules) {}

Result<ImageDetail> Library::detail_of(Transaction& transaction, Image image) {
  auto tags = transaction.images().tags(image.id);
  if (!tags) return std::unexpected(tags.error());
  auto variants = transaction.variants().of_image(image.user_id, image.id);
  if (!variants) return std::unexpected(variants.error());
  return ImageDetail{std::move(image), std::move(*tags), std::move(*variants)};
}

// An image of the user's that is there or announced.
Result<Image> Library::owned(Transaction& transaction, std::string_view user_id, std::string_view image_id) {
  auto image = transaction.images().find_any(user_id, image_id);
  if (!image) return std::unexpected(image.error());
  if (!*image || (*image)->deleted_at_ms) return not_found();
  return std::move(**image);
}

Result<ImageDetail> Library::get(const std::optional<Principal>& viewer, std::string_view image_id) {
  ImageDetail detail;
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    auto image = transaction.images().find_by_id(image_id);
    if (!image) return std::unexpected(image.error());
    if (!*image || (*image)->deleted_at_ms) return not_found();
    const bool own = viewer && viewer->user_id == (*image)->user_id;
    if (!own && ((*image)->visibility != Visibility::kPublic || !is_there(**image))) return not_found();
    auto found = detail_of(transaction, std::move(**image));
    if (!found) return std::unexpected(found.error());
    detail = std::move(*found);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return detail;
}

Result<ImageDetail> Library::change(const Principal& principal, std::string_view image_id,
                                    const ImageChanges& changes) {
  ImageDetail detail;
  bool ordered = false;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    auto image = owned(transaction, principal.user_id, image_id);
    if (!image) return std::unexpected(image.error());
    if (changes.title) image->title = *changes.title;
    if (changes.description) image->description = *changes.description;
    if (changes.visibility) image->visibility = *changes.visibility;
    image->updated_at_ms = clock_.now_ms();
    if (auto updated = transaction.images().update(*image); !updated) return updated;
    if (changes.tags) {
      if (auto tagged = transaction.images().set_tags(image_id, *changes.tags); !tagged) return tagged;
    }
    if (auto refreshed = refresh_search(transaction, image_id); !refreshed) return refreshed;
    if (image->visibility == Visibility::kPublic && is_there(*image)) {
      const auto job = publish(transaction, *image, random_, image->updated_at_ms);
      if (!job) return std::unexpected(job.error());
      ordered = job->has_value();
    }
    auto found = detail_of(transaction, std::move(*image));
    if (!found) return std::unexpected(found.error());
    detail = std::move(*found);
    return {};
  });
  if (!written) return std::unexpected(written.error());
  if (ordered) notifier_.notify(kBackgroundTopic);
  return detail;
}

Result<UnixMs> Library::remove(const Principal& principal, std::string_view image_id, bool for_good) {
  auto found = read(
      database_, [&](Transaction& transaction) { return transaction.images().find_any(principal.user_id, image_id); });
  if (!found) return std::unexpected(found.error());
  auto& image = *found;
  if (!image || (image->deleted_at_ms && !for_good)) return not_found();
  const UnixMs now_ms = clock_.now_ms();
  if (image->state == ImageState::kUploadPending) {
    const auto session = uploads_.of_image(principal.user_id, image_id);
    if (!session) return std::unexpected(session.error());
    const auto aborted = uploads_.abort(principal.user_id, session->id);
    if (aborted) return now_ms;
    if (aborted.error().code != ErrorCode::kConflict) return std::unexpected(aborted.error());
    return remove(principal, image_id, for_good);  // it has arrived in this moment
  }
  if (for_good) {
    if (auto removed = images_.remove(principal.user_id, image_id); !removed) return std::unexpected(removed.error());
    return now_ms;
  }
  const UnixMs deletes_at_ms = now_ms + rules_.deleted_kept_ms;
  if (auto hidden = images_.hide(principal.user_id, image_id, deletes_at_ms); !hidden) {
    return std::unexpected(hidden.error());
  }
  return deletes_at_ms;
}

Result<ImageDetail> Library::restore(const Principal& principal, std::string_view image_id) {
  ImageDetail detail;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    auto image = transaction.images().find_any(principal.user_id, image_id);
    if (!image) return std::unexpected(image.error());
    if (!*image) return not_found();
    (*image)->deleted_at_ms = (*image)->deletes_at_ms = std::nullopt;
    (*image)->updated_at_ms = clock_.now_ms();
    if (auto updated = transaction.images().update(**image); !updated) return updated;
    if (auto refreshed = refresh_search(transaction, image_id); !refreshed) return refreshed;
    auto found = detail_of(transaction, std::move(**image));
    if (!found) return std::unexpected(found.error());
    detail = std::move(*found);
    return {};
  });
  if (!written) return std::unexpected(written.error());
  return detail;
}

Result<std::vector<Image>> Library::trash(std::string_view user_id, const Page& page) {
  return read(database_, [&](Transaction& transaction) { return transaction.images().list_deleted(user_id, page); });
}

Result<std::vector<ImageOutline>> Library::trash_outline(std::string_view user_id, const Page& page) {
  return read(database_, [&](Transaction& transaction) { return transaction.images().outline_deleted(user_id, page); });
}

Result<std::vector<Image>> Library::trash_of_ids(std::string_view user_id, const std::vector<std::string>& ids) {
  return read(database_, [&](Transaction& transaction) -> Result<std::vector<Image>> {
    std::vector<Image> images;
    for (const std::string& id : ids) {
      auto image = transaction.images().find_any(user_id, id);
      if (!image) return std::unexpected(image.error());
      if (*image && (*image)->deleted_at_ms) images.push_back(std::move(**image));
    }
    return images;
  });
}

Result<int> Library::purge(int limit) {
  auto found =
      read(database_, [&](Transaction& transaction) { return transaction.images().to_purge(clock_.now_ms(), limit); });
  if (!found) return std::unexpected(found.error());
  auto& due = *found;
  int purged = 0;
  for (const Image& image : due) {
    const auto removed = images_.remove(image.user_id, image.id, clock_.now_ms());
    if (!removed && removed.error().code == ErrorCode::kInternal) return std::unexpected(removed.error());
    purged += removed ? 1 : 0;  // it was restored or removed meanwhile, or a job of it is just ending
  }
  return purged;
}

}  // namespace tintype::app
