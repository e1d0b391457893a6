// What a bucket has to have beside its objects.
#include <algorithm>

#include "adapters/s3_store/answers.h"
#include "adapters/s3_store/s3_client.h"
#include "adapters/s3_store/s3_store.h"
#include "base/digest.h"
#include "xml/document.h"

namespace tintype {

using namespace s3;

namespace {

constexpr const char* kRuleId = "tintype";
constexpr const char* kDefaultRegion = "us-east-1";
constexpr int kNotImplemented = 501;
constexpr int kProbesKeptDays = 1;

// A configuration of the bucket: a document under a sub-resource, whose elements are rules.
struct Configuration {
  std::string subresource;  // "cors"
  std::string root;         // "CORSConfiguration"
  std::string rule;         // "CORSRule"
  std::string what;         // for people
};

const Configuration kCors{"cors", "CORSConfiguration", "CORSRule", "CORS rule"};
const Configuration kLifecycle{"lifecycle", "LifecycleConfiguration", "Rule", "lifecycle"};

bool has_value(const xml::Element& rule, std::string_view name, std::string_view value) {
  return std::ranges::any_of(rule.children, [&](const xml::Element& child) {
    return child.name == name && (child.text == value || child.text == "*");
  });
}

bool exposes_etag(const xml::Element& rule) {
  return std::ranges::any_of(rule.children, [](const xml::Element& child) {
    return child.name == "ExposeHeader" && (lower_case(child.text) == "etag" || child.text == "*");
  });
}

bool allows(const xml::Element& rule, const std::string& origin) {
  return has_value(rule, "AllowedOrigin", origin) && has_value(rule, "AllowedHeader", "*") &&
         std::ranges::all_of(std::array{"GET", "HEAD", "PUT"},
                             [&](const char* method) { return has_value(rule, "AllowedMethod", method); }) &&
         exposes_etag(rule);
}

xml::Element cors_rule(std::span<const std::string> origins) {
  xml::Element rule{"CORSRule", {}, {{"ID", kRuleId, {}}}};
  for (const std::string& origin : origins) rule.children.push_back({"AllowedOrigin", origin, {}});
  for (const char* method : {"GET", "HEAD", "PUT"}) rule.children.push_back({"AllowedMethod", method, {}});
  rule.children.push_back({"AllowedHeader", "*", {}});
  rule.children.push_back({"ExposeHeader", "ETag", {}});
  rule.children.push_back({"MaxAgeSeconds", "3600", {}});
  return rule;
}

bool aborts_uploads(const xml::Element& rule) {
  return rule.text_of("Status") == "Enabled" && rule.find("AbortIncompleteMultipartUpload") != nullptr;
}

xml::Element abort_rule() {
  return {
      "Rule",
      {},
      {{"ID", kRuleId, {}},
       {"Filter", {}, {{"Prefix", {}, {}}}},
       {"Status", "Enabled", {}},
       {"AbortIncompleteMultipartUpload", {}, {{"DaysAfterInitiation", std::to_string(kAbandonedUploadDays), {}}}}}};
}

// What a check left behind that was killed in the middle.
xml::Element probe_rule() {
  return {"Rule",
          {},
          {{"ID", std::string(kRuleId) + "-probes", {}},
           {"Filter", {}, {{"Prefix", "tmp/", {}}}},
           {"Status", "Enabled", {}},
           {"Expiration", {}, {{"Days", std::to_string(kProbesKeptDays), {}}}}}};
}

Result<Answer> put_document(Client& client, std::string_view subresource, const std::string& body) {
  const std::string digest = md5(body);
  Request request{.method = "PUT"};
  if (!subresource.empty()) request.parameters = {{std::string(subresource), ""}};
  request.headers = {{"content-type", "application/xml"}};
  request.bytes = body;
  if (!body.empty()) request.md5 = digest;
  return client.perform(request);
}

std::string words_of(const Answer& answer) {
  return std::to_string(answer.status) + " " + answer.error_code;
}

// The rules that the bucket has; none where it has no such configuration. The answer's status where it cannot say.
Result<xml::Element> read_rules(Client& client, const Configuration& wanted, int& status) {
  const Request request{.method = "GET", .parameters = {{wanted.subresource, ""}}};
  const auto answer = client.perform(request);
  if (!answer) return std::unexpected(answer.error());
  status = answer->status;
  if (answer->status == 404 || answer->status == kNotImplemented) return xml::Element{wanted.root, {}, {}};
  if (!answer->ok()) return failure_of(request, *answer);
  return read_xml(answer->body);
}

// Puts our rules in place of those that we put there before, beside all others.
Result<Answer> write_rules(Client& client, const Configuration& wanted, xml::Element present,
                           const std::vector<xml::Element>& ours) {
  present.name = wanted.root;
  std::erase_if(present.children, [&](const xml::Element& child) {
    return child.name != wanted.rule || child.text_of("ID").starts_with(kRuleId);
  });
  present.children.insert(present.children.end(), ours.begin(), ours.end());
  return put_document(client, wanted.subresource, xml::write(present));
}

Result<std::optional<BucketFinding>> examine_itself(Client& client, bool mend) {
  const Request request{.method = "HEAD"};
  const auto answer = client.perform(request);
  if (!answer) return std::unexpected(answer.error());
  if (answer->ok()) return std::nullopt;
  if (answer->status != 404) return failure_of(request, *answer);
  BucketFinding finding{.sentence = "there is no bucket " + client.options().bucket};
  if (!mend) return finding;
  const std::string& region = client.options().region;
  const xml::Element where{"CreateBucketConfiguration", {}, {{"LocationConstraint", region, {}}}};
  const auto made = put_document(client, "", region == kDefaultRegion ? "" : xml::write(where));
  if (!made) return std::unexpected(made.error());
  finding.mended = made->ok() || made->error_code == "BucketAlreadyOwnedByYou";
  if (!finding.mended) finding.sentence += ", and it cannot be made: " + words_of(*made);
  return finding;
}

Result<std::optional<BucketFinding>> examine_cors(Client& client, std::span<const std::string> origins, bool mend) {
  int status = 0;
  const auto present = read_rules(client, kCors, status);
  if (!present) return std::unexpected(present.error());
  if (status == kNotImplemented) {
    return BucketFinding{
        "the store keeps no CORS rules with its buckets: its own configuration has to let browsers "
        "GET, HEAD and PUT, and has to expose ETag",
        false, false};
  }
  const bool all = std::ranges::all_of(origins, [&](const std::string& origin) {
    return std::ranges::any_of(present->children, [&](const xml::Element& rule) { return allows(rule, origin); });
  });
  if (all) return std::nullopt;
  BucketFinding finding{.sentence =
                            "the bucket has no CORS rule by which browsers of every origin of ours may GET, "
                            "HEAD and PUT and see ETag"};
  if (!mend) return finding;
  const auto put = write_rules(client, kCors, *present, {cors_rule(origins)});
  if (!put) return std::unexpected(put.error());
  finding.mended = put->ok();
  if (!finding.mended) finding.sentence += ", and it takes none: " + words_of(*put);
  return finding;
}

Result<std::optional<BucketFinding>> examine_lifecycle(Client& client, bool mend) {
  int status = 0;
  const auto present = read_rules(client, kLifecycle, status);
  if (!present) return std::unexpected(present.error());
  if (std::ranges::any_of(present->children, aborts_uploads)) return std::nullopt;
  BucketFinding finding{.sentence = "the bucket has no lifecycle that aborts uploads which nobody ends",
                        .required = false};
  if (!mend) return finding;
  const auto put = write_rules(client, kLifecycle, *present, {abort_rule(), probe_rule()});
  if (!put) return std::unexpected(put.error());
  finding.mended = put->ok();
  if (!finding.mended)
    finding.sentence += " and takes none (" + words_of(*put) + "); those that we know of are aborted by us";
  return finding;
}

// Whether a read and a copy of an object that is another by now are refused, as our rules rest on it.
Result<std::vector<BucketFinding>> examine_conditions(Client& client, Random& random) {
  const std::string key = "tmp/" + new_id(random, "probe-");
  const std::string copied = key + "-copy";
  const std::string digest = md5(kRuleId);
  const std::string other = "\"" + std::string(32, '0') + "\"";
  const Request put{.method = "PUT", .key = key, .bytes = kRuleId, .md5 = digest};
  const Request read{.method = "GET", .key = key, .headers = {{"if-match", other}}};
  const Request copy{.method = "PUT", .key = copied, .headers = copy_headers(client.options(), key, other)};
  std::vector<BucketFinding> findings;
  for (const Request* request : {&put, &read, &copy}) {
    const auto answer = client.perform(*request);
    if (!answer) return std::unexpected(answer.error());
    if (request == &put ? !answer->ok() : !answer->ok() && answer->status != 412) return failure_of(*request, *answer);
    if (request != &put && answer->ok()) {
      findings.push_back({.sentence = std::string("the store passes over the condition of a ") +
                                      (request == &read ? "read" : "copy") + ": it is not fit to keep our objects"});
    }
  }
  for (const std::string& left : {key, copied}) {
    const Request remove{.method = "DELETE", .key = left};
    const auto answer = client.perform(remove);
    if (!answer) return std::unexpected(answer.error());
    if (!answer->ok() && !means_missing(*answer)) return failure_of(remove, *answer);
  }
  return findings;
}

}  // namespace

Result<std::vector<BucketFinding>> S3Store::examine_bucket(std::span<const std::string> origins, bool mend) {
  std::vector<BucketFinding> findings;
  const auto itself = examine_itself(*client_, mend);
  if (!itself) return std::unexpected(itself.error());
  if (*itself) findings.push_back(**itself);
  if (!findings.empty() && !findings.back().mended) return findings;
  const auto cors = origins.empty() ? Result<std::optional<BucketFinding>>() : examine_cors(*client_, origins, mend);
  if (!cors) return std::unexpected(cors.error());
  if (*cors) findings.push_back(**cors);
  const auto lifecycle = examine_lifecycle(*client_, mend);
  if (!lifecycle) return std::unexpected(lifecycle.error());
  if (*lifecycle) findings.push_back(**lifecycle);
  const auto conditions = examine_conditions(*client_, random_);
  if (!conditions) return std::unexpected(conditions.error());
  findings.insert(findings.end(), conditions->begin(), conditions->end());
  return findings;
}

}  // namespace tintype
