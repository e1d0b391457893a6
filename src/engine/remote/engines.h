// All engines of the house as one: each operation runs here, or at the provider that the operator chose for it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "engine/remote/assignment.h"
#include "engine/remote/breaker.h"
#include "engine/remote/budget.h"
#include "engine/remote/files.h"
#include "ports/database.h"
#include "ports/image_engine.h"
#include "ports/provider.h"

namespace tintype::engine {

struct RemoteRules {
  FileRules files;
  BreakerRules breaker;
  BudgetRules budget;
};

using Providers = std::map<std::string, Provider*, std::less<>>;
using Assignments = std::map<OperationKind, Assignment>;

class Engines final : public ImageEngine {
 public:
  // kInvalidInput for a provider that there is not, or one that does not do the operation.
  static Result<void> check(const Assignments& assignments, const Providers& providers);
  // Assignments that check() does not take are left out. What is given outlives this.
  Engines(ImageEngine& native, const Providers& providers, const Assignments& assignments, Database& database,
          const Clock& clock, RemoteRules rules);

  // Remote results are checked like uploads and brought to the sides and format that were asked for; nothing of a
  // provider's failure but its public reason leaves this. Failures as ports/provider.h has them, beside those of the
  // engine here.
  Result<RunOutcome> run(const RunRequest& request, RunControl& control) override;
  // Nobody's money is spent on a look: kInvalidInput for what is done at a provider.
  Result<WrittenPicture> preview(const PreviewRequest& request, RunControl& control) override;
  // Of a provider that stopped answering: not before its breaker lets somebody try again.
  bool is_ready(OperationKind operation) const override;
  Result<RunForecast> forecast(const RunRequest& request, const ImageFacts& picture) override;

  // The engine here does all of these.
  Result<ImageFacts> inspect(const std::filesystem::path& file) override { return native_.inspect(file); }
  Result<ImageFacts> verify(const std::filesystem::path& file) override { return native_.verify(file); }
  Result<PhotoMetadata> metadata(const std::filesystem::path& file) override { return native_.metadata(file); }
  Result<RenderOutcome> render(const RenderRequest& request, RunControl& control) override {
    return native_.render(request, control);
  }
  Result<WrittenPicture> strip(const std::filesystem::path& input, const std::filesystem::path& output,
                               RunControl& control) override {
    return native_.strip(input, output, control);
  }
  Result<void> check() override { return native_.check(); }
  EngineFigures figures() const override { return native_.figures(); }

 private:
  struct Remote {
    Assignment assignment;
    Provider* provider = nullptr;
    Breaker* breaker = nullptr;
  };
  // Null: the engine here.
  const Remote* remote_for(const RunRequest& request) const;
  Result<void> ask(const Remote& remote, const ProviderRequest& asked, RunControl& control);
  Result<RunOutcome> run_at(const Remote& remote, const RunRequest& request, RunControl& control);
  Result<std::filesystem::path> extended(const std::filesystem::path& made, const RunRequest& request,
                                         std::vector<ModelDigest>& models, RunControl& control);

  ImageEngine& native_;
  const RemoteRules rules_;
  Budget budget_;
  std::map<std::string, std::unique_ptr<Breaker>> breakers_;
  std::map<OperationKind, Remote> remotes_;
};

}  // namespace tintype::engine
