#include "app/models.h"

#include <algorithm>

#include "app/audit_log.h"
#include "app/read.h"
#include "base/log.h"
#include "base/step_back.h"

namespace tintype::app {

namespace {

constexpr std::size_t kInstallationsKept = 20;
constexpr std::string_view kChoicePrefix = "model.";  // of the settings
constexpr const char* kRestorer = "restore-x1";       // of pictures that are large enough already, in every family

std::string setting_of(std::string_view tier) {
  return std::string(kChoicePrefix).append(tier);
}

const InstalledModel* find(const std::vector<InstalledModel>& all, std::string_view name) {
  const auto found = std::ranges::find(all, name, &InstalledModel::name);
  return found == all.end() ? nullptr : &*found;
}

std::unexpected<Error> no_model(const std::string& name) {
  return fail(ErrorCode::kNotFound, "There is no model '" + name + "'");
}

}  // namespace

Models::Models(Database& database, ModelLibrary& library, const Clock& clock, Random& random, ModelRules rules)
    : database_(database), library_(library), clock_(clock), random_(random), rules_(std::move(rules)) {}

Models::~Models() {
  cancel_.store(true);
  if (fetching_.joinable()) fetching_.join();
}

// ---- Who takes what

Result<Models::Choices> Models::choices() {
  return read(database_, [&](Transaction& transaction) -> Result<Choices> {
    auto settings = transaction.settings().all();
    if (!settings) return std::unexpected(settings.error());
    Choices choices;
    for (auto& [name, value] : *settings) {
      if (name.starts_with(kChoicePrefix)) choices.emplace(name.substr(kChoicePrefix.size()), std::move(value));
    }
    return choices;
  });
}

bool Models::is_of_family(const InstalledModel& model) const {
  return model.name == kRestorer || model.name == rules_.family + "-x" + std::to_string(model.scale);
}

std::optional<std::string> Models::fallback_of(const ModelTier& tier, const std::vector<InstalledModel>& all) const {
  switch (tier.need) {
    case NetworkNeed::kEnlarging: return rules_.family;
    case NetworkNeed::kSubject: break;
  }
  // The last by name, as the engine takes it.
  std::optional<std::string> last;
  for (const InstalledModel& model : all) {
    if (model.serves == NetworkNeed::kSubject) last = model.name;
  }
  return last;
}

std::vector<std::string> Models::used_by(const InstalledModel& model, const Choices& choices,
                                         const std::vector<InstalledModel>& all) const {
  std::vector<std::string> tiers;
  for (const ModelTier& tier : model_tiers()) {
    const TierView view = view_of(tier, choices, all);
    const bool is_default = tier.need == NetworkNeed::kEnlarging ? is_of_family(model) : view.fallback == model.name;
    if (view.model ? *view.model == model.name : is_default) tiers.push_back(view.name);
  }
  return tiers;
}

TierView Models::view_of(const ModelTier& tier, const Choices& choices, const std::vector<InstalledModel>& all) const {
  TierView view{std::string(tier.name), std::nullopt, fallback_of(tier, all), {}};
  for (const InstalledModel& model : all) {
    if (model.serves == tier.need) view.choices.push_back(model.name);
  }
  const auto chosen = choices.find(view.name);
  // What was chosen and is gone is not taken.
  const bool is_choice =
      chosen != choices.end() && std::ranges::find(view.choices, chosen->second) != view.choices.end();
  if (is_choice) view.model = chosen->second;
  return view;
}

Result<std::vector<TierView>> Models::tiers() {
  const auto all = library_.installed();
  if (!all) return std::unexpected(all.error());
  const auto chosen = choices();
  if (!chosen) return std::unexpected(chosen.error());
  std::vector<TierView> views;
  for (const ModelTier& tier : model_tiers()) views.push_back(view_of(tier, *chosen, *all));
  return views;
}

Result<TierView> Models::choose(const std::string& name, const std::optional<std::string>& model, const Actor& actor) {
  const ModelTier* tier = model_tier(name);
  if (tier == nullptr) return fail(ErrorCode::kNotFound, "There is no tier '" + name + "'");
  const auto all = library_.installed();
  if (!all) return std::unexpected(all.error());
  const InstalledModel* chosen = model ? find(*all, *model) : nullptr;
  if (model && (chosen == nullptr || chosen->serves != tier->need)) {
    auto refused = fail(ErrorCode::kInvalidInput, name + " cannot take the model '" + *model + "'",
                        "GET /api/admin/tiers says which there are for it");
    refused.error().field = "model";
    return refused;
  }
  const auto words = [&](const std::optional<std::string>& taken) {
    return JsonText{{"tier", name}, {"model", taken}};
  };
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    const auto before = transaction.settings().find(setting_of(name));
    if (!before) return std::unexpected(before.error());
    if (*before == model) return {};
    auto changed = model ? transaction.settings().put(setting_of(name), *model, clock_.now_ms())
                         : transaction.settings().remove(setting_of(name));
    if (!changed) return changed;
    return note(transaction, AuditAction::kChooseModel, actor, words(*before), words(model));
  });
  if (!written) return std::unexpected(written.error());
  return view_of(*tier, model ? Choices{{name, *model}} : Choices{}, *all);
}

std::string Models::chosen_for(OperationKind operation, const Parameters& parameters) {
  const ModelTier* tier = tier_of_run(operation, parameters);
  if (tier == nullptr) return {};
  auto chosen =
      read(database_, [&](Transaction& transaction) { return transaction.settings().find(setting_of(tier->name)); });
  if (chosen) return chosen->value_or("");
  log(LogLevel::kError, "tier_not_read", {{"tier", tier->name}, {"cause", chosen.error().cause}});
  return {};
}

Result<void> Models::note(Transaction& transaction, AuditAction action, const Actor& actor, JsonText before,
                          JsonText after) {
  return note_change(transaction, random_, clock_.now_ms(), actor,
                     {action, {}, {}, std::move(before), std::move(after)});
}

// ---- What there is

Result<ModelsView> Models::list() {
  auto all = library_.installed();
  if (!all) return std::unexpected(all.error());
  auto published = library_.published();
  if (!published) return std::unexpected(published.error());
  const auto chosen = choices();
  if (!chosen) return std::unexpected(chosen.error());
  ModelsView view;
  for (const InstalledModel& model : *all) view.models.push_back({model, used_by(model, *chosen, *all)});
  view.published = std::move(*published);
  const std::lock_guard lock(mutex_);
  view.installations.assign(installations_.begin(), installations_.end());
  return view;
}

Result<ModelView> Models::add(const NetworkFiles& network, const Actor& actor) {
  auto added = library_.add(network);
  if (!added) return std::unexpected(added.error());
  auto noted = database_.write([&](Transaction& transaction) {
    return note(transaction, AuditAction::kInstallModel, actor, {},
                {{"name", added->name}, {"source", "files"}, {"sha256", added->sha256}});
  });
  if (!noted) return std::unexpected(noted.error());
  const auto all = library_.installed();
  if (!all) return std::unexpected(all.error());
  const auto chosen = choices();
  if (!chosen) return std::unexpected(chosen.error());
  std::vector<std::string> users = used_by(*added, *chosen, *all);
  return ModelView{std::move(*added), std::move(users)};
}

// Noted before it is done: what is gone shall never lack its entry.
Result<void> Models::remove(const std::string& name, const Actor& actor) {
  const auto all = library_.installed();
  if (!all) return std::unexpected(all.error());
  const InstalledModel* model = find(*all, name);
  if (model == nullptr) return no_model(name);
  if (model->is_shipped) {
    return fail(ErrorCode::kConflict, "The model '" + name + "' ships with the program",
                "Please choose another for the tiers that take it");
  }
  const auto chosen = choices();
  if (!chosen) return std::unexpected(chosen.error());
  for (const ModelTier& tier : model_tiers()) {
    const TierView view = view_of(tier, *chosen, *all);
    // Where the subject is looked for without a network, the last one may go.
    const bool is_needed = tier.need == NetworkNeed::kEnlarging && !view.model && is_of_family(*model);
    if (view.model != name && !is_needed) continue;
    return fail(ErrorCode::kConflict, view.name + " takes the model '" + name + "'",
                "Please choose another for it before this one goes");
  }
  auto noted = database_.write([&](Transaction& transaction) {
    return note(transaction, AuditAction::kRemoveModel, actor, {{"name", name}, {"sha256", model->sha256}}, {});
  });
  if (!noted) return noted;
  return library_.remove(name);
}

// ---- What is on its way

Result<Installation> Models::install(const std::string& name, const Actor& actor) {
  const auto published = library_.published();
  if (!published) return std::unexpected(published.error());
  const auto found = std::ranges::find(*published, name, &PublishedNetwork::name);
  if (found == published->end()) {
    return fail(ErrorCode::kNotFound, "There is no network '" + name + "' to download",
                "GET /api/admin/models has the catalogue");
  }
  if (found->is_installed) return fail(ErrorCode::kConflict, "There is a model '" + name + "' already");
  auto begun = begin(name, found->size_bytes);
  if (!begun) return begun;
  auto noted = database_.write([&](Transaction& transaction) {
    return note(transaction, AuditAction::kInstallModel, actor, {}, {{"name", name}, {"source", "catalogue"}});
  });
  if (!noted) {
    forget(name);
    return std::unexpected(noted.error());
  }
  const std::lock_guard lock(mutex_);
  if (fetching_.joinable()) fetching_.join();  // it has ended: only one is on its way
  fetching_ = std::thread([this, name] { fetch(name); });
  return begun;
}

Result<Installation> Models::begin(const std::string& name, std::optional<std::int64_t> total_bytes) {
  const std::lock_guard lock(mutex_);
  if (!installations_.empty() && installations_.front().state == Installation::State::kRunning) {
    return fail(ErrorCode::kConflict, "'" + installations_.front().name + "' is being installed",
                "Please wait until it has ended");
  }
  installations_.push_front({name, Installation::State::kRunning, 0, total_bytes, {}, clock_.now_ms()});
  if (installations_.size() > kInstallationsKept) installations_.pop_back();
  return installations_.front();
}

void Models::forget(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (!installations_.empty() && installations_.front().name == name) installations_.pop_front();
}

void Models::fetch(const std::string& name) {
  step_back();
  Result<InstalledModel> fetched = fail_internal("a network was not fetched");
  try {
    fetched = library_.fetch(
        name,
        [&](const FetchProgress& progress) {
          const std::lock_guard lock(mutex_);
          installations_.front().received_bytes = progress.received_bytes;
        },
        cancel_);
  } catch (const std::exception& exception) {
    fetched = fail_internal(std::string("fetching a network threw: ") + exception.what());
  }
  if (fetched) {
    log(LogLevel::kInfo, "model_installed", {{"model", name}});
  } else {
    log(LogLevel::kWarning, "model_not_installed",
        {{"model", name}, {"message", fetched.error().message}, {"cause", fetched.error().cause}});
  }
  const std::lock_guard lock(mutex_);
  Installation& ended = installations_.front();
  ended.state = fetched ? Installation::State::kSucceeded : Installation::State::kFailed;
  if (!fetched) ended.error = fetched.error().message;
  if (fetched && ended.total_bytes) ended.received_bytes = *ended.total_bytes;
}

}  // namespace tintype::app
