// The networks of the house, as operators look after them: what is installed and what can be, and which network each
// tier takes.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/json_text.h"
#include "base/random.h"
#include "domain/audit_entry.h"
#include "domain/model_tier.h"
#include "ports/database.h"
#include "ports/model_library.h"

namespace tintype::app {

struct ModelRules {
  std::string family = "photo";  // the default of tiers that enlarge: {family}-x2, {family}-x4 and restore-x1
};

// One that is on its way from elsewhere, or was since this process began.
struct Installation {
  enum class State { kRunning, kSucceeded, kFailed };
  std::string name;
  State state = State::kRunning;
  std::int64_t received_bytes = 0;
  std::optional<std::int64_t> total_bytes;
  std::string error;  // of a failed one, for people
  UnixMs started_at_ms = 0;
};

struct ModelView {
  InstalledModel model;
  std::vector<std::string> used_by;  // tiers that take it now, chosen or by default
};

struct ModelsView {
  std::vector<ModelView> models;
  std::vector<PublishedNetwork> published;
  std::vector<Installation> installations;  // last begun first
};

struct TierView {
  std::string name;
  std::optional<std::string> model;     // none: the default
  std::optional<std::string> fallback;  // the default: a family of networks, or a network; none: it goes without
  std::vector<std::string> choices;
};

class Models {
 public:
  Models(Database& database, ModelLibrary& library, const Clock& clock, Random& random, ModelRules rules);
  ~Models();  // ends what is on its way; it goes on where it was when it is asked for again
  Models(const Models&) = delete;
  Models& operator=(const Models&) = delete;

  Result<ModelsView> list();
  // Begins to download and install one that is published, in a thread that steps back; list() tells how far it is.
  // kNotFound; kConflict when it is installed, or while this process installs another.
  Result<Installation> install(const std::string& name, const Actor& actor);
  // As ModelLibrary::add.
  Result<ModelView> add(const NetworkFiles& network, const Actor& actor);
  // kNotFound; kConflict for one that ships with the program, and while a tier needs it.
  Result<void> remove(const std::string& name, const Actor& actor);

  Result<std::vector<TierView>> tiers();
  // None goes back to the default. kNotFound for the tier; kInvalidInput for a model that is none of its choices.
  // Every process takes it for the jobs that start from now on.
  Result<TierView> choose(const std::string& tier, const std::optional<std::string>& model, const Actor& actor);

  // What is chosen for such a run, installed or not; empty: the default. Reads the database: a choice holds at once in
  // every process, and a job costs one look by key.
  std::string chosen_for(OperationKind operation, const Parameters& parameters);

 private:
  using Choices = std::map<std::string, std::string>;  // by the tier
  Result<Choices> choices();
  std::vector<std::string> used_by(const InstalledModel& model, const Choices& choices,
                                   const std::vector<InstalledModel>& all) const;
  std::optional<std::string> fallback_of(const ModelTier& tier, const std::vector<InstalledModel>& all) const;
  bool is_of_family(const InstalledModel& model) const;
  TierView view_of(const ModelTier& tier, const Choices& choices, const std::vector<InstalledModel>& all) const;
  Result<void> note(Transaction& transaction, AuditAction action, const Actor& actor, JsonText before, JsonText after);
  Result<Installation> begin(const std::string& name, std::optional<std::int64_t> total_bytes);
  void forget(const std::string& name);
  void fetch(const std::string& name);

  Database& database_;
  ModelLibrary& library_;
  const Clock& clock_;
  Random& random_;
  const ModelRules rules_;

  std::mutex mutex_;                        // of all below, but for `cancel_`
  std::deque<Installation> installations_;  // of which only the first may be running
  std::thread fetching_;
  std::atomic<bool> cancel_{false};
};

}  // namespace tintype::app
