// Puts the house together: the only place that names adapters.
#pragma once

#include <filesystem>
#include <memory>

#include "api/shared/authenticate.h"
#include "api/shared/services.h"
#include "app/janitor.h"
#include "app/view_counts.h"
#include "app/work.h"
#include "cmd/config.h"
#include "http/server.h"
#include "ports/downloader.h"
#include "ports/image_engine.h"
#include "ports/model_library.h"
#include "webhook/deliverer.h"
#include "worker/worker.h"

namespace tintype::cmd {

struct Place {
  std::filesystem::path data;  // database, objects and secrets are under it unless configured otherwise
};

std::unique_ptr<Downloader> make_downloader();
// The folder of models that is configured.
std::unique_ptr<ModelLibrary> make_model_library(const Config& config, Downloader& downloader);

// One thing about the object store that is not as it should be.
struct StoreFinding {
  std::string sentence;
  bool mended = false;
  bool required = true;  // false: it works without
};

// Everything that the commands need, in the order in which it depends on each other.
class House {
 public:
  // Opens database and store and brings the schema up to date. Secrets that are not configured are read from
  // {data}/secrets, or made there (0600).
  static Result<std::unique_ptr<House>> open(Config config, const Place& place);
  ~House();

  Database& database();
  ObjectStore& objects();
  // What a bucket lacks beside its objects; with `mend` it is given that. Nothing for a local store.
  Result<std::vector<StoreFinding>> examine_store(bool mend);
  app::Accounts& accounts();
  app::ApiKeys& api_keys();
  app::Administration& administration();
  app::Wallets& wallets();
  app::Submissions& submissions();
  ImageEngine& engine();
  app::Deliveries& deliveries();
  app::Renditions& renditions();
  app::ViewCounts& views();
  app::Uploads& uploads();
  app::Webhooks& webhooks();
  app::Janitor& janitor();
  Notifier& notifier();
  const Config& config() const;

  // Workers of this process; `slots` jobs at a time.
  std::unique_ptr<worker::Worker> make_worker(int slots, int claims_max = 1);
  // What sends the webhooks, from every process that runs for long.
  std::unique_ptr<webhook::Deliverer> make_deliverer();
  // The server with all its routes, bound to its port but not started yet.
  Result<std::unique_ptr<http::Server>> make_server();
  // One with health and metrics alone, at ADDRESS:PORT, bound as well.
  Result<std::unique_ptr<http::Server>> make_ops_server(const std::string& listen);

 private:
  struct Parts;
  explicit House(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tintype::cmd
