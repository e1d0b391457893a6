// Users, jobs, figures and the audit log, for operators.
#include "api/admin/query.h"
#include "api/admin/routes.h"
#include "api/admin/view.h"
#include "api/shared/authenticate.h"
#include "api/shared/idempotent.h"
#include "api/shared/ledger_view.h"
#include "api/shared/paging.h"

namespace tintype::api {

namespace {

using admin::refuse;

constexpr std::int64_t kUsersDefault = 50, kUsersMax = 200, kOffsetMax = 1'000'000'000;
constexpr std::int64_t kAmountMax = 1'000'000;
constexpr std::size_t kSearchBytesMax = 254, kIdBytesMax = 100, kWordBytesMax = 64, kReasonBytesMax = 500;

enum class UserStatus { kAll, kActive, kBanned };

std::optional<UserStatus> parse_user_status(const std::string& name) {
  if (name == "all") return UserStatus::kAll;
  if (name == "active") return UserStatus::kActive;
  if (name == "banned") return UserStatus::kBanned;
  return std::nullopt;
}

std::optional<bool> is_banned(UserStatus status) {
  switch (status) {
    case UserStatus::kAll: return std::nullopt;
    case UserStatus::kActive: return false;
    case UserStatus::kBanned: return true;
  }
  return std::nullopt;
}

Result<http::Response> list_users(const Services& services, http::Request& request) {
  const auto search = admin::query_filter(request, "search", kSearchBytesMax);
  if (!search) return std::unexpected(search.error());
  const auto status = admin::optional_parsed("status", admin::query_text(request, "status"), parse_user_status);
  if (!status) return std::unexpected(status.error());
  const auto limit = admin::query_integer(request, "limit", 1, kUsersMax, kUsersDefault);
  if (!limit) return std::unexpected(limit.error());
  const auto offset = admin::query_integer(request, "offset", 0, kOffsetMax, 0);
  if (!offset) return std::unexpected(offset.error());
  const auto list = services.administration.users(*search, is_banned(status->value_or(UserStatus::kAll)), *offset,
                                                  static_cast<int>(*limit));
  if (!list) return std::unexpected(list.error());
  return json_response(200, admin::user_list_json(*list));
}

Result<http::Response> get_user(const Services& services, http::Request& request) {
  const auto user = services.administration.user(request.path_parameter("id"));
  if (!user) return std::unexpected(user.error());
  return json_response(200, {{"user", admin::user_json(*user)}});
}

// ---- Changing a user

enum class UserAction { kAddCredits, kRemoveCredits, kBan, kUnban, kSetPlan };

std::optional<UserAction> parse_user_action(const std::string& name) {
  if (name == "add_credits") return UserAction::kAddCredits;
  if (name == "remove_credits") return UserAction::kRemoveCredits;
  if (name == "ban") return UserAction::kBan;
  if (name == "unban") return UserAction::kUnban;
  if (name == "set_plan") return UserAction::kSetPlan;
  return std::nullopt;
}

bool changes_credits(UserAction action) {
  return action == UserAction::kAddCredits || action == UserAction::kRemoveCredits;
}

struct UserChange {
  UserAction action = UserAction::kBan;
  Tokens amount = 0;
  std::string plan;
  std::string reason;
};

// A field is there exactly when the action takes it.
Result<void> check_field(const char* field, bool is_there, bool is_taken) {
  if (is_there && !is_taken) return refuse(field, std::string("This action takes no ") + field);
  if (!is_there && is_taken) return refuse(field, std::string("Please provide ") + field);
  return {};
}

Result<UserChange> change_from(const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  const std::string name = fields.required_string("action", 1, kWordBytesMax);
  const auto amount = fields.optional_integer("amount", 1, kAmountMax);
  const auto plan = fields.optional_string("plan", 1, kWordBytesMax);
  const auto reason = fields.optional_string("reason", 1, kReasonBytesMax);
  if (auto read = fields.finish(); !read) return std::unexpected(read.error());
  const auto action = admin::parsed("action", name, parse_user_action);
  if (!action) return std::unexpected(action.error());
  if (auto fits = check_field("amount", amount.has_value(), changes_credits(*action)); !fits) {
    return std::unexpected(fits.error());
  }
  if (auto fits = check_field("plan", plan.has_value(), *action == UserAction::kSetPlan); !fits) {
    return std::unexpected(fits.error());
  }
  if (plan && !is_plan(*plan)) return refuse("plan", "There is no plan '" + *plan + "'");
  if (!reason && (changes_credits(*action) || *action == UserAction::kBan)) {
    return refuse("reason", "Please provide reason", "It is kept in the audit log");
  }
  return UserChange{*action, amount.value_or(0), plan.value_or(""), reason.value_or("")};
}

JsonText changed_json(const app::UserView& user) {
  return {{"success", true}, {"user", admin::user_json(user)}};
}

Result<http::Response> change_credits(const Services& services, const http::Request& request,
                                      const UserChange& change) {
  const auto once_only = once<app::UserView>(request, operator_of(request), changed_json);
  if (!once_only) return std::unexpected(once_only.error());
  const Tokens amount = change.action == UserAction::kAddCredits ? change.amount : -change.amount;
  const auto outcome = services.administration.change_credits(request.path_parameter("id"), amount, change.reason,
                                                              actor_of(request), *once_only);
  if (!outcome) return std::unexpected(outcome.error());
  return reply<app::UserView>(*outcome, changed_json);
}

Result<http::Response> ban(const Services& services, const http::Request& request, const UserChange& change) {
  const auto banned = services.administration.ban(request.path_parameter("id"), change.reason, actor_of(request));
  if (!banned) return std::unexpected(banned.error());
  return json_response(200, {{"success", true},
                             {"user", admin::user_json(banned->user)},
                             {"jobs",
                              {{"cancelled", banned->jobs.cancelled},
                               {"stopping", banned->jobs.stopping},
                               {"tokens_released", banned->jobs.tokens_released},
                               {"more", banned->jobs.more}}}});
}

Result<http::Response> changed(const Result<app::UserView>& user) {
  if (!user) return std::unexpected(user.error());
  return json_response(200, changed_json(*user));
}

Result<http::Response> change_user(const Services& services, http::Request& request) {
  const auto change = change_from(request);
  if (!change) return std::unexpected(change.error());
  const std::string_view id = request.path_parameter("id");
  switch (change->action) {
    case UserAction::kAddCredits:
    case UserAction::kRemoveCredits: return change_credits(services, request, *change);
    case UserAction::kBan: return ban(services, request, *change);
    case UserAction::kUnban: return changed(services.administration.unban(id, change->reason, actor_of(request)));
    case UserAction::kSetPlan:
      return changed(services.administration.set_plan(id, change->plan, change->reason, actor_of(request)));
  }
  return fail_internal("an action that nobody takes");
}

// ---- Lists

Result<http::Response> list_ledger(const Services& services, http::Request& request) {
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const int limit = page->limit++;
  auto entries = services.administration.ledger(request.path_parameter("id"), *page);
  if (!entries) return std::unexpected(entries.error());
  const auto next = cut_to(*entries, limit);
  JsonText items = JsonText::array();
  for (const LedgerEntry& entry : *entries) items.push_back(ledger_entry_json(entry));
  return json_response(200, {{"entries", items}, {"nextCursor", next}});
}

Result<AdministrationRepository::JobFilter> job_filter_of(const http::Request& request) {
  const auto state = admin::optional_parsed("status", admin::query_text(request, "status"), parse_job_state);
  if (!state) return std::unexpected(state.error());
  const auto operation = admin::optional_parsed("operation", admin::query_text(request, "operation"), parse_operation);
  if (!operation) return std::unexpected(operation.error());
  const auto surface = admin::optional_parsed("surface", admin::query_text(request, "surface"), parse_surface);
  if (!surface) return std::unexpected(surface.error());
  const auto user_id = admin::query_filter(request, "user_id", kIdBytesMax);
  if (!user_id) return std::unexpected(user_id.error());
  return AdministrationRepository::JobFilter{*user_id, *state, *operation, *surface};
}

Result<http::Response> list_jobs(const Services& services, http::Request& request) {
  const auto filter = job_filter_of(request);
  if (!filter) return std::unexpected(filter.error());
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const int limit = page->limit++;
  auto jobs = services.administration.jobs(*filter, *page);
  if (!jobs) return std::unexpected(jobs.error());
  const auto next = cut_to(*jobs, limit);
  JsonText items = JsonText::array();
  for (const Job& job : *jobs) items.push_back(admin::job_json(job));
  return json_response(200, {{"success", true}, {"jobs", items}, {"nextCursor", next}});
}

Result<http::Response> statistics(const Services& services, http::Request&) {
  const auto made = services.administration.statistics();
  if (!made) return std::unexpected(made.error());
  return json_response(200, admin::statistics_json(*made));
}

Result<http::Response> list_audit(const Services& services, http::Request& request) {
  const auto actor = admin::query_filter(request, "actor", kIdBytesMax);
  if (!actor) return std::unexpected(actor.error());
  const auto user_id = admin::query_filter(request, "user_id", kIdBytesMax);
  if (!user_id) return std::unexpected(user_id.error());
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const int limit = page->limit++;
  auto entries = services.administration.audit({*actor, *user_id}, *page);
  if (!entries) return std::unexpected(entries.error());
  std::optional<std::string> next;
  if (static_cast<int>(entries->size()) > limit) {
    entries->resize(static_cast<std::size_t>(limit));
    next = encode_cursor(entries->back().at_ms, entries->back().id);
  }
  JsonText items = JsonText::array();
  for (const AuditEntry& entry : *entries) items.push_back(admin::audit_entry_json(entry));
  return json_response(200, {{"entries", items}, {"nextCursor", next}});
}

}  // namespace

void add_administration_routes(http::Router& router, const Services& services) {
  const auto get = [&](const char* pattern, const admin::Handle& handle) {
    router.add(admin::route(services, http::Method::kGet, pattern, handle));
  };
  get("/api/admin/users", list_users);
  get("/api/admin/users/{id}", get_user);
  router.add(admin::route(services, http::Method::kPatch, "/api/admin/users/{id}", change_user));
  get("/api/admin/users/{id}/ledger", list_ledger);
  get("/api/admin/jobs", list_jobs);
  get("/api/admin/stats", statistics);
  get("/api/admin/audit", list_audit);
}

}  // namespace tintype::api
