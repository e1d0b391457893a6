// The contract of a store that clients reach, on a folder behind the real server.
#include "adapters/fs_store/fs_store.h"
#include "api/objects/routes.h"
#include "api/shared/dialect.h"
#include "contract/reachable_object_store_contract.h"
#include "http/server.h"
#include "support/test_folder.h"

namespace tintype::api {
namespace {

SystemClock system_clock;
SystemRandom random_source;

// In the order in which they need each other.
struct Served {
  explicit Served(bool attributes)
      : store(std::make_shared<FsStore>(
            FsStoreOptions{folder / "objects", {}, {"a signing key of this test"}, attributes}, system_clock,
            random_source)) {
    http::Router router;
    add_object_routes(router, {*store, *store, system_clock, random_source, public_url});
    http::ServerOptions options;
    options.port = 0;
    options.pool_threads = 4;
    options.spool_directory = store->spool_directory();
    options.render_error = render_error;
    server = std::make_unique<http::Server>(std::move(options), std::move(router), random_source);
    if (auto started = server->start(); !started) throw std::runtime_error(started.error().message);
    public_url = "http://127.0.0.1:" + std::to_string(server->port());
    store->set_public_url(public_url);
  }

  TestFolder folder;
  std::string public_url;
  std::shared_ptr<FsStore> store;
  std::unique_ptr<http::Server> server;
};

ObjectStoreFactory served(bool attributes) {
  return [attributes] {
    auto all = std::make_shared<Served>(attributes);
    return OpenedStore{all, all->store};
  };
}

INSTANTIATE_TEST_SUITE_P(Fs, ReachableObjectStoreContract, testing::Values(served(true), served(false)),
                         [](const auto& info) { return std::string(info.index == 0 ? "Folder" : "PlainFolder"); });

}  // namespace
}  // namespace tintype::api

namespace tintype {
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ObjectStoreContract);
}
