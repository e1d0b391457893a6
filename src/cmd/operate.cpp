// What an operator does by hand: users, tokens, schema, the doctor.
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/doctor.h"
#include "cmd/commands.h"

namespace tintype::cmd {

namespace {

using Json = nlohmann::ordered_json;

const Actor kActor{kCommandLineActor, {}};

Json user_json(const User& user) {
  return {{"id", user.id},
          {"email", user.email},
          {"name", user.name},
          {"role", role_name(user.role)},
          {"plan", user.plan},
          {"banned", user.banned_at_ms.has_value()},
          {"createdAt", iso8601(user.created_at_ms)}};
}

}  // namespace

int report(const Error& error) {
  std::fprintf(stderr, "tintype: %s\n", error.message.c_str());
  if (!error.suggestion.empty()) std::fprintf(stderr, "  %s\n", error.suggestion.c_str());
  if (!error.cause.empty()) std::fprintf(stderr, "  cause: %s\n", error.cause.c_str());
  return 1;
}

int create_user(House& house, const NewUserOptions& options) {
  std::string password;
  if (options.password_from_input) {
    std::getline(std::cin, password);
  } else {
    SystemRandom random;
    password = new_secret(random).substr(0, 20);
  }
  const app::Accounts::NewUser wanted{options.email, password, options.name,
                                      options.admin ? Role::kAdmin : Role::kUser};
  const auto user = house.accounts().create(wanted, kActor);
  if (!user) return report(user.error());
  std::printf("%s %s\n", user->id.c_str(), user->email.c_str());
  if (!options.password_from_input) std::printf("password (shown once): %s\n", password.c_str());
  return 0;
}

int list_users(House& house, bool json) {
  Json all = Json::array();
  Page page{std::nullopt, 500};
  while (true) {
    const auto users = house.accounts().list(page);
    if (!users) return report(users.error());
    for (const User& user : *users) {
      if (json) {
        all.push_back(user_json(user));
      } else {
        std::printf("%s  %-6s %-8s %s\n", user.id.c_str(), role_name(user.role),
                    user.banned_at_ms ? "banned" : "active", user.email.c_str());
      }
    }
    if (users->size() < static_cast<std::size_t>(page.limit)) break;
    page.after = PageCursor{users->back().created_at_ms, users->back().id};
  }
  if (json) std::printf("%s\n", all.dump(2).c_str());
  return 0;
}

int grant_tokens(House& house, const std::string& email, std::int64_t amount, const std::string& note) {
  const auto user = house.accounts().by_email(email);
  if (!user) return report(user.error());
  const auto view = house.wallets().adjust(user->id, amount, note, kActor);
  if (!view) return report(view.error());
  std::printf("%s has %lld tokens, %lld of them reserved\n", user->email.c_str(), static_cast<long long>(view->balance),
              static_cast<long long>(view->reserved));
  return 0;
}

int ban_user(House& house, const std::string& email, bool banned, const std::string& reason) {
  const auto user = house.accounts().by_email(email);
  if (!user) return report(user.error());
  if (!banned) {
    const auto lifted = house.administration().unban(user->id, reason, kActor);
    if (!lifted) return report(lifted.error());
    std::printf("%s is not banned\n", user->email.c_str());
    return 0;
  }
  const auto done = house.administration().ban(user->id, reason, kActor);
  if (!done) return report(done.error());
  std::printf("%s is banned; %d jobs were cancelled, %d are stopping\n", user->email.c_str(), done->jobs.cancelled,
              done->jobs.stopping);
  return 0;
}

int set_user_role(House& house, const std::string& email, const std::string& role) {
  const auto wanted = parse_role(role);
  if (!wanted) return report(Error{ErrorCode::kInvalidInput, "a role is user or admin"});
  auto user = house.accounts().by_email(email);
  if (user) user = house.accounts().set_role(user->id, *wanted, kActor);
  if (!user) return report(user.error());
  std::printf("%s is %s\n", user->email.c_str(), role_name(user->role));
  return 0;
}

int set_user_plan(House& house, const std::string& email, const std::string& plan, const std::string& reason) {
  auto user = house.accounts().by_email(email);
  if (user) user = house.accounts().set_plan(user->id, plan, reason, kActor);
  if (!user) return report(user.error());
  std::printf("%s has the plan %s\n", user->email.c_str(), user->plan.c_str());
  return 0;
}

int create_key(House& house, const NewKeyOptions& options) {
  const auto environment = parse_key_environment(options.environment);
  if (!environment) return report(Error{ErrorCode::kInvalidInput, "an environment is live or test"});
  app::NewApiKey wanted{options.name, *environment, options.plan};
  if (!options.scopes.empty()) wanted.scopes = {};
  for (const std::string& name : options.scopes) {
    const auto scope = parse_scope(name);
    if (!scope) return report(Error{ErrorCode::kInvalidInput, "there is no scope '" + name + "'"});
    wanted.scopes.add(*scope);
  }
  const auto user = house.accounts().by_email(options.email);
  if (!user) return report(user.error());
  const auto created = house.api_keys().create_for(user->id, wanted, kActor);
  if (!created) return report(created.error());
  std::printf("%s %s %s\nkey (shown once): %s\n", created->key.id.c_str(), user->email.c_str(),
              created->key.plan.c_str(), created->text.c_str());
  return 0;
}

namespace {

using Counts = AuditRepository::Counts;

void print_json(const std::vector<app::Finding>& findings, const std::vector<app::Finding>& notes,
                const Counts& counts) {
  const auto rows_of = [](const std::vector<app::Finding>& rows) {
    Json all = Json::array();
    for (const app::Finding& row : rows) all.push_back({{"area", row.area}, {"sentence", row.sentence}});
    return all;
  };
  const Json out = {{"healthy", findings.empty()},
                    {"findings", rows_of(findings)},
                    {"notes", rows_of(notes)},
                    {"counts",
                     {{"users", counts.users},
                      {"images", counts.images},
                      {"jobs",
                       {{"queued", counts.jobs_queued},
                        {"running", counts.jobs_running},
                        {"succeeded", counts.jobs_succeeded},
                        {"failed", counts.jobs_failed},
                        {"cancelled", counts.jobs_cancelled}}},
                      {"objects", {{"live", counts.objects_live}, {"deleting", counts.objects_deleting}}}}}};
  std::printf("%s\n", out.dump(2).c_str());
}

void print(const std::vector<app::Finding>& findings, const std::vector<app::Finding>& notes, const Counts& counts) {
  for (const auto* rows : {&notes, &findings}) {
    for (const app::Finding& row : *rows) std::printf("%s: %s\n", row.area.c_str(), row.sentence.c_str());
  }
  std::printf("%lld users, %lld images, %lld jobs waiting, %lld running, %lld objects: %s\n",
              static_cast<long long>(counts.users), static_cast<long long>(counts.images),
              static_cast<long long>(counts.jobs_queued), static_cast<long long>(counts.jobs_running),
              static_cast<long long>(counts.objects_live), findings.empty() ? "all is well" : "see above");
}

}  // namespace

int doctor(House& house, bool json, bool fix) {
  const auto store = house.examine_store(fix);
  if (!store) return report(store.error());
  std::vector<app::Finding> findings, notes;
  for (const StoreFinding& finding : *store) {
    const bool is_fault = finding.required && !finding.mended;
    (is_fault ? findings : notes).push_back({"objects", finding.sentence + (finding.mended ? ": mended" : "")});
  }
  if (!findings.empty() && !fix) findings.push_back({"objects", "tintype doctor --fix mends that"});
  Counts counts;
  const auto found = app::examine(house.database(), house.objects());
  if (found) {
    findings.insert(findings.end(), found->findings.begin(), found->findings.end());
    counts = found->counts;
  } else {
    if (findings.empty()) return report(found.error());
    findings.push_back({"objects", "nothing more can be said: " + found.error().message});
  }
  if (auto checked = house.objects().check(); !checked) findings.push_back({"objects", checked.error().cause});
  if (auto checked = house.engine().check(); !checked) findings.push_back({"engine", checked.error().message});
  json ? print_json(findings, notes, counts) : print(findings, notes, counts);
  return findings.empty() ? 0 : 1;
}

int migrate(House& house) {
  // Opening the house has done it already.
  const auto pending = house.database().pending_migrations();
  if (!pending) return report(pending.error());
  std::printf("the schema is up to date\n");
  return 0;
}

}  // namespace tintype::cmd
