// The commands beside `enhance`. Each answers the exit code and says on standard error what went wrong.
#pragma once

#include <cstdint>
#include <string>

#include "cmd/compose.h"
#include "cmd/config.h"
#include "engine/model/model.h"

namespace tintype::cmd {

// Keeps SIGTERM and SIGINT for serve() and work() to wait for. Before the house is opened, so that every thread in it
// leaves the two alone.
void hold_stop_signals();
int serve(House& house, int workers);
// `listen`: ADDRESS:PORT of its health and metrics; none when empty.
int work(House& house, int slots, const std::string& listen);
// With `fix` the object store is given what it lacks.
int doctor(House& house, bool json, bool fix);
int migrate(House& house);
int list_models(const Config& config);
// Loads each. What is no model, or damaged, is named; exits with 1 when there is any.
int verify_models(const Config& config);
// Those of the catalogue.
int list_published_models(const Config& config);
int add_model(const Config& config, const engine::NewModel& model);
// Downloads one of the catalogue and adds it. What has come stays when it ends before, for the next call.
int add_published_model(const Config& config, const std::string& name);
int remove_model(const Config& config, const std::string& name);

struct NewUserOptions {
  std::string email;
  std::string name;
  bool password_from_input = false;  // else one is made and printed once
  bool admin = false;
};
int create_user(House& house, const NewUserOptions& options);
int list_users(House& house, bool json);
int grant_tokens(House& house, const std::string& email, std::int64_t amount, const std::string& note);
int ban_user(House& house, const std::string& email, bool banned, const std::string& reason);
int set_user_role(House& house, const std::string& email, const std::string& role);
int set_user_plan(House& house, const std::string& email, const std::string& plan, const std::string& reason);

struct NewKeyOptions {
  std::string email;
  std::string name;
  std::string plan;
  std::string environment = "live";
  std::vector<std::string> scopes;  // all when empty
};
int create_key(House& house, const NewKeyOptions& options);  // prints it once

// Signs URLs of parts, objects, views and renditions on one thread, and prints how many a second.
int bench_links(House& house, int links);
// Fills the outbox for one endpoint, sends it all and prints how many a second. A URL of this machine needs
// egress.allow_private.
int bench_webhooks(House& house, const std::string& url, int messages);
// Fills an empty database with `images` made-up ones, or takes those that it finds, and prints how long searches take:
// those of the shapes that have `only` in their name.
int bench_search(House& house, std::int64_t images, const std::string& only);

// Prints an error in one line or two.
int report(const Error& error);

}  // namespace tintype::cmd
