#include "domain/audit_entry.h"

namespace tintype {

const char* audit_action_name(AuditAction action) {
  switch (action) {
    case AuditAction::kCreateUser: return "create_user";
    case AuditAction::kAddCredits: return "add_credits";
    case AuditAction::kRemoveCredits: return "remove_credits";
    case AuditAction::kBan: return "ban";
    case AuditAction::kUnban: return "unban";
    case AuditAction::kSetPlan: return "set_plan";
    case AuditAction::kSetRole: return "set_role";
    case AuditAction::kCreateKey: return "create_key";
    case AuditAction::kRetryJob: return "retry_job";
    case AuditAction::kCancelJob: return "cancel_job";
    case AuditAction::kCancelJobs: return "cancel_jobs";
    case AuditAction::kDrainQueue: return "drain_queue";
    case AuditAction::kPauseQueue: return "pause_queue";
    case AuditAction::kResumeQueue: return "resume_queue";
    case AuditAction::kUnmatchedPurchase: return "unmatched_purchase";
    case AuditAction::kRefundPurchase: return "refund_purchase";
    case AuditAction::kInstallModel: return "install_model";
    case AuditAction::kRemoveModel: return "remove_model";
    case AuditAction::kChooseModel: return "choose_model";
  }
  return "create_user";
}

std::optional<AuditAction> parse_audit_action(const std::string& name) {
  for (const AuditAction action : kAuditActions) {
    if (name == audit_action_name(action)) return action;
  }
  return std::nullopt;
}

}  // namespace tintype
