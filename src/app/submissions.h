// Asking for work: validates, prices, reserves tokens and inserts the jobs in one unit of work.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/once.h"
#include "app/storage.h"
#include "app/wallets.h"
#include "base/clock.h"
#include "base/random.h"
#include "domain/account.h"
#include "domain/job.h"
#include "ports/database.h"
#include "ports/notifier.h"

namespace tintype::app {

struct SubmitRules {
  Prices prices;
  int album_images_max = 20;
  int unfinished_jobs_max = 200;  // of one user; more is kOverloaded
};

struct Submitted {
  std::vector<Job> jobs;
  Tokens total_cost = 0;
  Tokens new_balance = 0;  // available after the call
};

struct AlbumSubmitted {
  std::string batch_id;  // empty when nothing was left to do
  std::vector<Job> jobs;
  int images_total = 0;
  int images_skipped = 0;
  Tokens total_cost = 0;
  Tokens new_balance = 0;
};

class Submissions {
 public:
  Submissions(Database& database, Wallets& wallets, const Storage& storage, Notifier& notifier, const Clock& clock,
              Random& random, SubmitRules rules);

  // One image, one to three unique tiers, all or nothing. kNotFound, kInvalidInput, kInsufficientTokens, kQuotaExceeded
  // while nothing is left of the user's storage.
  Result<Outcome<Submitted>> enhance(const Principal& principal, std::string_view image_id,
                                     const std::vector<Tier>& tiers, const Once<Submitted>& once);
  // Every image of the album, one after another in album order, under one batch id. kForbidden, kNotFound (also for
  // an empty album), kInvalidInput over album_images_max (of those left to do), kInsufficientTokens with
  // tokens_required and images_to_enhance, kQuotaExceeded.
  Result<Outcome<AlbumSubmitted>> enhance_album(const Principal& principal, std::string_view album_id, Tier tier,
                                                bool skip_already_enhanced, const Once<AlbumSubmitted>& once);
  // Jobs of OperationKind::kProbe, all or none: for benchmarks and self-tests.
  Result<std::vector<Job>> probes(std::string_view user_id, int count, Tokens price);

  const Prices& prices() const { return rules_.prices; }

 private:
  Job new_enhance(std::string_view user_id, std::string_view image_id, Tier tier);
  Result<Tokens> insert(Transaction& transaction, const Principal& principal, const std::vector<Job>& jobs);
  Result<std::vector<Image>> images_to_enhance(Transaction& transaction, std::string_view user_id,
                                               const std::vector<Image>& images, Tier tier, bool skip_already_enhanced);
  Result<AlbumSubmitted> insert_album(Transaction& transaction, const Principal& principal, std::string_view album_id,
                                      Tier tier, bool skip_already_enhanced);

  Database& database_;
  Wallets& wallets_;
  const Storage& storage_;
  Notifier& notifier_;
  const Clock& clock_;
  Random& random_;
  SubmitRules rules_;
};

}  // namespace tintype::app
