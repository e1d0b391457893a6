#include <malloc.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/log.h"
#include "cmd/bench.h"
#include "cmd/bench_queue.h"
#include "cmd/bench_render.h"
#include "cmd/commands.h"
#include "cmd/enhance.h"
#include "domain/plan.h"

#ifndef TINTYPE_VERSION
#define TINTYPE_VERSION "0.1.0"
#endif

namespace {

using namespace tintype;

// What the commands share: where the data is and how it is configured.
struct Common {
  std::string data = "data";
  cmd::ConfigSources sources;

  void add_to(CLI::App& command) {
    command.add_option("--data", data, "where database, objects and secrets are")->capture_default_str();
    command.add_option("--config", sources.file, "a TOML file; `tintype config` prints one")->check(CLI::ExistingFile);
    command.add_option("--set", sources.overrides, "section.key=value, once for each key")->expected(1)->take_all();
  }
};

LogLevel level_of(const std::string& name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "warning") return LogLevel::kWarning;
  return name == "error" ? LogLevel::kError : LogLevel::kInfo;
}

// Runs a command that needs nothing but the configuration.
template <class Command>
int configured(const Common& common, Command command) {
  const auto config = cmd::load_config(common.sources);
  return config ? command(*config) : cmd::report(config.error());
}

// Opens the house and runs a command in it. Its pictures, database and secrets are for this user alone.
template <class Command>
int in_house(const Common& common, Command command) {
  ::umask(077);
  auto config = cmd::load_config(common.sources);
  if (!config) return cmd::report(config.error());
  set_log_level(level_of(config->log.level));
  auto house = cmd::House::open(std::move(*config), {common.data});
  if (!house) return cmd::report(house.error());
  return command(**house);
}

const std::map<std::string, int> kTiers = {{"1k", 1024}, {"2k", 2048}, {"4k", 4096}};

void add_serve(CLI::App& app, Common& common, int& exit_code) {
  auto* command = app.add_subcommand("serve", "answer HTTP, with workers in the same process");
  static std::string listen;
  static int workers = 1;
  common.add_to(*command);
  command->add_option("--listen", listen, "ADDRESS:PORT, in place of server.listen");
  command->add_option("--workers", workers, "jobs run at once here; 0 leaves them to `tintype worker`")
      ->capture_default_str();
  command->callback([&common, &exit_code] {
    if (!listen.empty()) common.sources.overrides.push_back("server.listen=" + listen);
    cmd::hold_stop_signals();
    exit_code = in_house(common, [](cmd::House& house) { return cmd::serve(house, workers); });
  });
}

void add_worker(CLI::App& app, Common& common, int& exit_code) {
  auto* command = app.add_subcommand("worker", "run jobs alone, on the same database and objects as a server");
  static int slots = 1;
  static std::string listen;
  common.add_to(*command);
  command->add_option("--slots", slots, "jobs run at once")->capture_default_str();
  command->add_option("--listen", listen, "ADDRESS:PORT to serve /healthz, /readyz and /metrics on; nowhere without");
  command->callback([&common, &exit_code] {
    cmd::hold_stop_signals();
    exit_code = in_house(common, [](cmd::House& house) { return cmd::work(house, slots, listen); });
  });
}

std::string is_backend(const std::string& name) {
  const auto backend = engine::backend_of(name);
  if (!backend) return "there is no backend " + name;
  return engine::is_available(*backend) ? "" : "this processor cannot run " + name;
}

void add_enhance(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("enhance", "enhance pictures, without a server");
  static cmd::EnhanceOptions options;
  static std::string tier, format, backend, face;
  static int scale = 0;
  command->add_option("files", options.files, "the pictures")->required();
  command->add_option("-o,--output", options.output_directory,
                      "folder of the results; beside the originals when left out");
  auto* tier_option = command->add_option("--tier", tier, "1k, 2k or 4k: the longest side becomes 1024, 2048 or 4096")
                          ->check(CLI::IsMember({"1k", "2k", "4k"}, CLI::ignore_case));
  command->add_option("--scale", scale, "1, 2 or 4 times each side; when neither is given, what the model does, or 2")
      ->check(CLI::IsMember({1, 2, 4}))
      ->excludes(tier_option);
  command->add_option("--format", format, "jpeg, png, webp or avif")
      ->check(CLI::IsMember({"jpeg", "jpg", "png", "webp", "avif"}, CLI::ignore_case));
  command->add_option("--model", options.model, "one of `tintype models list`");
  command->add_option("--models", options.models_directory, "folder of the models");
  command->add_option("--denoise", options.denoise_strength, "0 keeps the grain, 1 clears it, where the model can")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_flag("--face{0.8}", face, "restore faces; --face=STRENGTH is the share of the restored face, 0 to 1")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--tile", options.stripe_px, "width in pixels of the stripes a picture is cut into")
      ->check(CLI::Range(16, 65'536));
  command->add_option("--backend", backend, "avx512, avx2, sse2 or reference; the fastest when left out")
      ->check(is_backend);
  command->add_flag("--compare", options.compare, "also write original and result side by side");
  command->add_option("--threads", options.threads, "0 takes every core")->capture_default_str();
  command->add_flag("--force", options.force, "overwrite results that exist");
  command->callback([&exit_code] {
    if (!tier.empty()) options.goal = {kTiers.at(CLI::detail::to_lower(tier)), 1};
    if (scale != 0) options.goal = {std::nullopt, scale};
    if (!format.empty()) options.format = parse_image_format(format);
    if (!backend.empty()) options.backend = engine::backend_of(backend);
    if (!face.empty()) CLI::detail::lexical_cast(face, options.face_strength);
    exit_code = cmd::enhance_files(options);
  });
}

void add_users(CLI::App& admin, Common& common, int& exit_code) {
  auto* user = admin.add_subcommand("user", "users and their tokens")->require_subcommand(1);
  static cmd::NewUserOptions created;
  static std::string email, note, reason, role;
  static std::int64_t amount = 0;
  static bool json = false;
  auto* create = user->add_subcommand("create", "make a user");
  common.add_to(*create);
  create->add_option("--email", created.email, "e-mail address")->required();
  create->add_option("--name", created.name, "name");
  create->add_flag("--password-stdin", created.password_from_input, "read the password from standard input");
  create->add_flag("--admin", created.admin, "with the role admin");
  create->callback([&common, &exit_code] {
    exit_code = in_house(common, [](cmd::House& house) { return cmd::create_user(house, created); });
  });
  auto* list = user->add_subcommand("list", "list users");
  common.add_to(*list);
  list->add_flag("--json", json, "as JSON");
  list->callback([&common, &exit_code] {
    exit_code = in_house(common, [](cmd::House& house) { return cmd::list_users(house, json); });
  });
  auto* grant = user->add_subcommand("grant", "grant tokens, or take them away with a negative amount");
  common.add_to(*grant);
  grant->add_option("email", email, "whose")->required();
  grant->add_option("amount", amount, "how many")->required();
  grant->add_option("--note", note, "why; kept in the ledger");
  grant->callback([&common, &exit_code] {
    exit_code = in_house(common, [](cmd::House& house) { return cmd::grant_tokens(house, email, amount, note); });
  });
  for (const bool banned : {true, false}) {
    auto* ban = user->add_subcommand(banned ? "ban" : "unban", banned ? "refuse a user" : "let a user in again");
    common.add_to(*ban);
    ban->add_option("email", email, "whom")->required();
    ban->add_option("--reason", reason, "why; kept in the audit log");
    ban->callback([&common, &exit_code, banned] {
      exit_code = in_house(common, [banned](cmd::House& house) { return cmd::ban_user(house, email, banned, reason); });
    });
  }
  auto* set_role = user->add_subcommand("role", "make a user an admin, or no admin any more");
  common.add_to(*set_role);
  set_role->add_option("email", email, "whose")->required();
  set_role->add_option("role", role, "user or admin")->required();
  set_role->callback([&common, &exit_code] {
    exit_code = in_house(common, [](cmd::House& house) { return cmd::set_user_role(house, email, role); });
  });
  static std::string plan;
  auto* set_plan = user->add_subcommand("plan", "give a user another plan");
  common.add_to(*set_plan);
  set_plan->add_option("email", email, "whose")->required();
  set_plan->add_option("plan", plan)->check(CLI::IsMember(plan_names()))->required();
  set_plan->add_option("--reason", reason, "why; kept in the audit log");
  set_plan->callback([&common, &exit_code] {
    exit_code = in_house(common, [](cmd::House& house) { return cmd::set_user_plan(house, email, plan, reason); });
  });
}

void add_keys(CLI::App& admin, Common& common, int& exit_code) {
  auto* key = admin.add_subcommand("key", "API keys")->require_subcommand(1);
  static cmd::NewKeyOptions created;
  auto* create = key->add_subcommand("create", "make a user a key, for any plan");
  common.add_to(*create);
  create->add_option("email", created.email, "whose")->required();
  create->add_option("--name", created.name, "by which he knows it")->required();
  create->add_option("--plan", created.plan)->check(CLI::IsMember(plan_names()))->required();
  create->add_option("--environment", created.environment)
      ->check(CLI::IsMember({"live", "test"}))
      ->capture_default_str();
  create->add_option("--scope", created.scopes, "once for each; all when left out")->expected(1)->take_all();
  create->callback([&common, &exit_code] {
    exit_code = in_house(common, [](cmd::House& house) { return cmd::create_key(house, created); });
  });
}

void add_bench_queue(CLI::App& app, Common& common, int& exit_code) {
  auto* command = app.add_subcommand("bench-queue", "push jobs that do nothing through queue, ledger and store");
  static cmd::BenchQueueOptions options;
  common.add_to(*command);
  command->add_option("--jobs", options.jobs)->check(CLI::Range(1, 1'000'000))->capture_default_str();
  command->add_option("--submitters", options.submitters, "threads that submit")
      ->check(CLI::Range(1, 1'024))
      ->capture_default_str();
  command->add_option("--bulk", options.bulk, "jobs submitted in one unit of work")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command->add_option("--slots", options.slots, "jobs run at once")->check(CLI::Range(1, 1'024))->capture_default_str();
  command->add_option("--claims", options.claims, "leases that a slot takes at a time")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  command->add_option("--price", options.price, "tokens of each; 0 leaves the ledger out")
      ->check(CLI::Range(0, 10))
      ->capture_default_str();
  command->add_flag("--json", options.json, "one line of JSON");
  command->callback([&common, &exit_code] {
    exit_code = in_house(common, [](cmd::House& house) { return cmd::bench_queue(house, options); });
  });
}

void add_operating(CLI::App& app, Common& common, int& exit_code) {
  auto* admin = app.add_subcommand("admin", "what an operator does by hand")->require_subcommand(1);
  add_users(*admin, common, exit_code);
  add_keys(*admin, common, exit_code);
  static bool json = false, fix = false;
  auto* doctor = app.add_subcommand("doctor", "check that ledger, jobs and objects hold together");
  common.add_to(*doctor);
  doctor->add_flag("--json", json, "as JSON");
  doctor->add_flag("--fix", fix, "make the bucket where there is none, and give it the rules that it lacks");
  doctor->callback([&common, &exit_code] {
    exit_code = in_house(common, [](cmd::House& house) { return cmd::doctor(house, json, fix); });
  });
  auto* migrate = app.add_subcommand("migrate", "bring the database's schema up to date");
  common.add_to(*migrate);
  migrate->callback([&common, &exit_code] { exit_code = in_house(common, cmd::migrate); });
  static int links_signed = 200'000;
  auto* links = app.add_subcommand("bench-links", "sign URLs on one thread");
  common.add_to(*links);
  links->add_option("--links", links_signed)->capture_default_str();
  links->callback([&common, &exit_code] {
    exit_code = in_house(common, [](cmd::House& house) { return cmd::bench_links(house, links_signed); });
  });
  static std::int64_t images = 1'000'000;
  static std::string search_shape;
  static std::string webhook_url;
  static int webhooks_sent = 30'000;
  auto* webhooks = app.add_subcommand("bench-webhooks", "send webhooks to a receiver");
  common.add_to(*webhooks);
  webhooks->add_option("--url", webhook_url)->required();
  webhooks->add_option("--messages", webhooks_sent)->capture_default_str();
  webhooks->callback([&common, &exit_code] {
    exit_code =
        in_house(common, [](cmd::House& house) { return cmd::bench_webhooks(house, webhook_url, webhooks_sent); });
  });

  auto* search = app.add_subcommand("bench-search", "fill an empty database with images, and search them");
  common.add_to(*search);
  search->add_option("--images", images)->capture_default_str();
  search->add_option("--only", search_shape, "queries that have this in their name");
  search->callback([&common, &exit_code] {
    exit_code = in_house(common, [](cmd::House& house) { return cmd::bench_search(house, images, search_shape); });
  });
  auto* config = app.add_subcommand("config", "print the effective configuration as TOML");
  common.add_to(*config);
  config->callback([&common, &exit_code] {
    const auto loaded = cmd::load_config(common.sources);
    exit_code = loaded ? 0 : cmd::report(loaded.error());
    if (loaded) std::fputs(cmd::describe(*loaded).c_str(), stdout);
  });
  app.add_subcommand("version", "print the version")->callback([] { std::puts(TINTYPE_VERSION); });
}

void add_models(CLI::App& app, Common& common, int& exit_code) {
  auto* models = app.add_subcommand("models", "the networks")->require_subcommand(1);
  static std::string catalogue;
  const auto add_catalogue = [](CLI::App& command) {
    return command.add_option("--catalogue", catalogue, "of what can be downloaded, in place of engine.catalogue");
  };
  const auto override_catalogue = [&common] {
    if (!catalogue.empty()) common.sources.overrides.push_back("engine.catalogue=" + catalogue);
  };
  static bool available = false;
  auto* list = models->add_subcommand("list", "list them");
  common.add_to(*list);
  list->add_flag("--available", available, "those that `tintype models add NAME` downloads");
  add_catalogue(*list);
  list->callback([&common, &exit_code, override_catalogue] {
    override_catalogue();
    exit_code = configured(common, available ? cmd::list_published_models : cmd::list_models);
  });
  auto* verify = models->add_subcommand("verify", "load and check each");
  common.add_to(*verify);
  verify->callback([&common, &exit_code] { exit_code = configured(common, cmd::verify_models); });
  static engine::NewModel added;
  auto* add = models->add_subcommand("add", "download a network, or take over one's files");
  common.add_to(*add);
  add->add_option(
         "files", added.files,
         "one of `tintype models list --available`; with --name, a .pth, .safetensors or .onnx, or ncnn's .param "
         "and .bin")
      ->required();
  auto* name = add->add_option("--name", added.name, "what files that are here will be called");
  add->add_option("--weak", added.weak_files, "files of a twin that denoises least; --denoise goes between the two")
      ->needs(name);
  add->add_flag("--self-ensemble", added.self_ensemble,
                "answers the mean over four quarter turns of a picture: finer, in four times the time")
      ->needs(name);
  add->add_option("--licence", added.licence)->capture_default_str()->needs(name);
  add->add_option("--description", added.description, "one line for `tintype models list`")->needs(name);
  add_catalogue(*add)->excludes(name);
  add->callback([&common, &exit_code, override_catalogue] {
    if (added.name.empty() && added.files.size() != 1) throw CLI::RequiredError("--name");
    override_catalogue();
    exit_code = configured(common, [](const cmd::Config& config) {
      return added.name.empty() ? cmd::add_published_model(config, added.files[0]) : cmd::add_model(config, added);
    });
  });
  static std::string removed;
  auto* remove = models->add_subcommand("remove", "delete a network and its files");
  common.add_to(*remove);
  remove->add_option("name", removed)->required();
  remove->callback([&common, &exit_code] {
    exit_code = configured(common, [](const cmd::Config& config) { return cmd::remove_model(config, removed); });
  });
}

void add_bench(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("bench", "measure how fast networks run here");
  static cmd::BenchOptions options;
  static std::string backend;
  command->add_option("--model", options.models, "all when left out");
  command->add_option("--models", options.models_directory, "folder of the models");
  command->add_option("--backend", backend, "all that the processor has when left out")->check(is_backend);
  command->add_option("--width", options.width, "of the picture")->check(CLI::Range(64, 16'384))->capture_default_str();
  command->add_option("--height", options.height)->check(CLI::Range(64, 16'384))->capture_default_str();
  command->add_option("--threads", options.threads, "0 takes every core")->capture_default_str();
  command->add_option("--repeats", options.repeats, "the best counts")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  command->add_flag("--json", options.json, "a line of JSON for each run");
  command->callback([&exit_code] {
    options.backend = engine::backend_of(backend);
    exit_code = cmd::bench_models(options);
  });
}

void add_bench_render(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("bench-render", "measure how fast renditions of pictures are made here");
  static cmd::BenchRenderOptions options;
  command->add_option("files", options.files, "pictures")->required()->check(CLI::ExistingFile);
  command->add_option("--variant", options.variants, "large:webp and such; those of every image when left out");
  command->add_option("--out", options.output, "a folder to keep what is made in");
  command->add_option("--pictures", options.pictures, "made in all, by turns of the files")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command->add_option("--workers", options.workers, "pictures made at once")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_option("--threads", options.threads, "that encode one picture")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_option("--effort", options.webp_effort, "libwebp's method")
      ->check(CLI::Range(0, 6))
      ->capture_default_str();
  command->callback([&exit_code] { exit_code = cmd::bench_render(options); });
}

}  // namespace

int main(int argc, char** argv) {
  // Memory goes back to the system when a job has ended instead of staying with the threads that worked on it.
  mallopt(M_ARENA_MAX, 2);
  mallopt(M_TRIM_THRESHOLD, 16 << 20);
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  CLI::App app("Tintype: keeps photos and enhances them on this machine's own CPU");
  app.require_subcommand(1);
  app.set_version_flag("--version", TINTYPE_VERSION);
  Common common;
  int exit_code = 0;
  add_serve(app, common, exit_code);
  add_worker(app, common, exit_code);
  add_enhance(app, exit_code);
  add_models(app, common, exit_code);
  for (CLI::App* parent : {&app, app.get_subcommand("models")}) add_bench(*parent, exit_code);
  add_bench_render(app, exit_code);
  add_operating(app, common, exit_code);
  add_bench_queue(app, common, exit_code);
  CLI11_PARSE(app, argc, argv);
  return exit_code;
}
