#include "app/submissions.h"

#include <algorithm>

#include "app/albums.h"
#include "app/images.h"
#include "app/jobs.h"

namespace tintype::app {

Submissions::Submissions(Database& database, Wallets& wallets, const Storage& storage, Notifier& notifier,
                         const Clock& clock, Random& random, SubmitRules rules)
    : database_(database),
      wallets_(wallets),
      storage_(storage),
      notifier_(notifier),
      clock_(clock),
      random_(random),
      rules_(rules) {}

Job Submissions::new_enhance(std::string_view user_id, std::string_view image_id, Tier tier) {
  Job job;
  job.id = new_id(random_, "job_");
  job.user_id = user_id;
  job.image_id = image_id;
  job.surface = Surface::kEnhancement;
  job.operation = OperationKind::kEnhance;
  job.parameters = to_parameters(Enhance{tier});
  job.tier = tier_name(tier);
  job.price = price_of(tier, rules_.prices);
  job.created_at_ms = job.updated_at_ms = job.run_after_ms = clock_.now_ms();
  return job;
}

// Reserves for all and inserts all, in the order given; answers what is available afterwards.
Result<Tokens> Submissions::insert(Transaction& transaction, const Principal& principal, const std::vector<Job>& jobs) {
  const std::string& user_id = principal.user_id;
  auto room = check_unfinished(transaction, user_id, jobs.size(), rules_.unfinished_jobs_max);
  if (!room) return std::unexpected(room.error());
  // How large the results will be is not known; more may be begun while anything is left.
  if (auto fits = storage_.admit(transaction, principal, {1, 0}); !fits) return std::unexpected(fits.error());
  if (auto inserted = transaction.jobs().insert(jobs); !inserted) return std::unexpected(inserted.error());
  return wallets_.reserve(transaction, user_id, jobs);
}

Result<Outcome<Submitted>> Submissions::enhance(const Principal& principal, std::string_view image_id,
                                                const std::vector<Tier>& tiers, const Once<Submitted>& once) {
  auto outcome = run_once<Submitted>(database_, principal.user_id, once, clock_.now_ms(),
                                     [&](Transaction& transaction) -> Result<Submitted> {
                                       const auto image = own_image(transaction, principal.user_id, image_id);
                                       if (!image) return std::unexpected(image.error());
                                       Submitted submitted;
                                       for (const Tier tier : tiers) {
                                         submitted.jobs.push_back(new_enhance(principal.user_id, image_id, tier));
                                         submitted.total_cost += submitted.jobs.back().price;
                                       }
                                       const auto available = insert(transaction, principal, submitted.jobs);
                                       if (!available) return std::unexpected(available.error());
                                       submitted.new_balance = *available;
                                       return submitted;
                                     });
  if (outcome && std::holds_alternative<Submitted>(*outcome)) notifier_.notify(kQueueTopic);
  return outcome;
}

Result<std::vector<Image>> Submissions::images_to_enhance(Transaction& transaction, std::string_view user_id,
                                                          const std::vector<Image>& images, Tier tier,
                                                          bool skip_already_enhanced) {
  if (!skip_already_enhanced) return images;
  std::vector<std::string> ids;
  for (const Image& image : images) ids.push_back(image.id);
  const auto enhanced = transaction.jobs().enhanced_images(user_id, ids, tier_name(tier));
  if (!enhanced) return std::unexpected(enhanced.error());
  std::vector<Image> left;
  for (const Image& image : images) {
    if (std::find(enhanced->begin(), enhanced->end(), image.id) == enhanced->end()) left.push_back(image);
  }
  return left;
}

Result<AlbumSubmitted> Submissions::insert_album(Transaction& transaction, const Principal& principal,
                                                 std::string_view album_id, Tier tier, bool skip_already_enhanced) {
  const std::string& user_id = principal.user_id;
  const auto album = own_album(transaction, user_id, album_id);
  if (!album) return std::unexpected(album.error());
  const auto places = transaction.albums().images(user_id, album_id, {std::nullopt, kEverything});
  if (!places) return std::unexpected(places.error());
  std::vector<Image> images;
  for (const AlbumImage& place : *places) images.push_back(place.image);
  if (images.empty()) return fail(ErrorCode::kNotFound, "No images in album", "Please add some first");
  const auto left = images_to_enhance(transaction, user_id, images, tier, skip_already_enhanced);
  if (!left) return std::unexpected(left.error());
  if (left->size() > static_cast<std::size_t>(rules_.album_images_max)) {
    return fail(ErrorCode::kInvalidInput,
                "Too many images: at most " + std::to_string(rules_.album_images_max) + " can be enhanced per batch",
                "Please move some of them to another album");
  }
  AlbumSubmitted submitted;
  submitted.images_total = static_cast<int>(images.size());
  submitted.images_skipped = static_cast<int>(images.size() - left->size());
  if (left->empty()) {
    const auto available = wallets_.available(transaction, user_id);
    if (!available) return std::unexpected(available.error());
    submitted.new_balance = *available;
    return submitted;
  }
  submitted.batch_id = new_id(random_, "batch_");
  for (const Image& image : *left) {
    Job job = new_enhance(user_id, image.id, tier);
    job.batch_id = submitted.batch_id;
    if (!submitted.jobs.empty()) job.waits_for = submitted.jobs.back().id;
    submitted.total_cost += job.price;
    submitted.jobs.push_back(std::move(job));
  }
  auto available = insert(transaction, principal, submitted.jobs);
  if (!available) {
    if (available.error().code == ErrorCode::kInsufficientTokens) {
      available.error().message = "Insufficient tokens";
      available.error().images_to_enhance = static_cast<std::int64_t>(left->size());
    }
    return std::unexpected(available.error());
  }
  submitted.new_balance = *available;
  return submitted;
}

Result<Outcome<AlbumSubmitted>> Submissions::enhance_album(const Principal& principal, std::string_view album_id,
                                                           Tier tier, bool skip_already_enhanced,
                                                           const Once<AlbumSubmitted>& once) {
  auto outcome =
      run_once<AlbumSubmitted>(database_, principal.user_id, once, clock_.now_ms(), [&](Transaction& transaction) {
        return insert_album(transaction, principal, album_id, tier, skip_already_enhanced);
      });
  if (outcome && std::holds_alternative<AlbumSubmitted>(*outcome)) notifier_.notify(kQueueTopic);
  return outcome;
}

Result<std::vector<Job>> Submissions::probes(std::string_view user_id, int count, Tokens price) {
  std::vector<Job> jobs(static_cast<std::size_t>(count));
  for (Job& job : jobs) {
    job.id = new_id(random_, "job_");
    job.user_id = user_id;
    job.operation = OperationKind::kProbe;
    job.price = price;
    job.created_at_ms = job.updated_at_ms = job.run_after_ms = clock_.now_ms();
  }
  auto written = database_.write(user_id, [&](Transaction& transaction) -> Result<void> {
    if (auto inserted = transaction.jobs().insert(jobs); !inserted) return inserted;
    const auto available = wallets_.reserve(transaction, user_id, jobs);
    return available ? Result<void>() : std::unexpected(available.error());
  });
  if (!written) return std::unexpected(written.error());
  notifier_.notify(kQueueTopic);
  return jobs;
}

}  // namespace tintype::app
