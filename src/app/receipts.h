// Receipts: signed statements of what was made of what, and by which networks, which whoever has a result can check
// without asking us. A receipt is a JSON Web Token (RFC 7519) signed with Ed25519 (RFC 8037); docs/receipts.md has its
// claims.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json_text.h"
#include "base/signing_key.h"
#include "domain/job.h"
#include "ports/image_engine.h"

namespace tintype::app {

// The SHA-256 of what a job was given, in hex; empty: there was none.
struct InputDigests {
  std::string picture, mask, reference;
};

class Receipts {
 public:
  // Keys are made of `secrets`, of which there is at least one: every process that has them signs with the same one,
  // the first, and receipts by the others can be checked as well. `issuer`, where clients reach us, is as it is by
  // then.
  Receipts(const std::vector<std::string>& secrets, const std::string& issuer, const Clock& clock);

  std::string sign(const Job& job, const JobResult& result, const InputDigests& inputs,
                   const std::vector<ModelDigest>& models) const;
  JsonText keys() const;  // a JSON Web Key Set (RFC 7517): what to check receipts with

 private:
  struct Key {
    SigningKey pair;
    std::string id;  // its thumbprint (RFC 7638)
  };
  std::vector<Key> keys_;
  const std::string& issuer_;
  const Clock& clock_;
};

}  // namespace tintype::app
