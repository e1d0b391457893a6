// What an operator, or a payment, has changed: written in the unit of work that changes it, and never touched again.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/clock.h"

namespace tintype {

// Who changes something.
struct Actor {
  std::string name;        // "admin key", a user's id, or one of those below
  std::string request_id;  // empty where it was no request
};

inline constexpr const char* kCommandLineActor = "command line";
inline constexpr const char* kPaymentsActor = "payments";
inline constexpr const char* kJanitorActor = "janitor";

enum class AuditAction {
  kCreateUser,
  kAddCredits,
  kRemoveCredits,
  kBan,
  kUnban,
  kSetPlan,
  kSetRole,
  kCreateKey,
  kRetryJob,
  kCancelJob,
  kCancelJobs,  // a piece of the jobs of a banned user
  kDrainQueue,  // a piece of what waited
  kPauseQueue,
  kResumeQueue,
  kUnmatchedPurchase,  // somebody has paid, and nobody has got credits for it
  kRefundPurchase,
  kInstallModel,  // one that is published, or files of an operator's
  kRemoveModel,
  kChooseModel,
};

inline constexpr std::array kAuditActions = {AuditAction::kCreateUser,
                                             AuditAction::kAddCredits,
                                             AuditAction::kRemoveCredits,
                                             AuditAction::kBan,
                                             AuditAction::kUnban,
                                             AuditAction::kSetPlan,
                                             AuditAction::kSetRole,
                                             AuditAction::kCreateKey,
                                             AuditAction::kRetryJob,
                                             AuditAction::kCancelJob,
                                             AuditAction::kCancelJobs,
                                             AuditAction::kDrainQueue,
                                             AuditAction::kPauseQueue,
                                             AuditAction::kResumeQueue,
                                             AuditAction::kUnmatchedPurchase,
                                             AuditAction::kRefundPurchase,
                                             AuditAction::kInstallModel,
                                             AuditAction::kRemoveModel,
                                             AuditAction::kChooseModel};

const char* audit_action_name(AuditAction action);  // "create_user", "add_credits" ...
std::optional<AuditAction> parse_audit_action(const std::string& name);

struct AuditEntry {
  std::string id;  // aud_...
  UnixMs at_ms = 0;
  Actor actor;
  AuditAction action = AuditAction::kCreateUser;
  std::string user_id;  // whom it concerns; empty when nobody alone
  std::string reason;
  std::string before;  // a JSON object of what was changed, as it was
  std::string after;   // and as it is since
};

}  // namespace tintype
