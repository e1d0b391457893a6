#include "adapters/redis_limiter/redis_connection.h"

#include <hiredis/hiredis.h>

#include <cerrno>
#include <string_view>

#include "base/bytes.h"
#include "base/digest.h"

namespace tintype {

namespace {

timeval to_timeval(std::chrono::milliseconds time) {
  return {time.count() / 1'000, time.count() % 1'000 * 1'000};
}

struct FreeReply {
  void operator()(redisReply* reply) const { ::freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

std::string_view text_of(const redisReply& reply) {
  return {reply.str, static_cast<std::size_t>(reply.len)};
}

}  // namespace

RedisScript::RedisScript(std::string text) : text_(std::move(text)) {
  Digest digest(DigestKind::kSha1);
  digest.update(text_);
  name_ = hex_encode(digest.finish());
}

struct RedisConnection::Context {
  redisContext* redis = nullptr;

  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() {
    if (redis != nullptr) ::redisFree(redis);
  }

  // What Redis answers, an error of its own included.
  Result<Reply> send(const std::vector<std::string>& words) const {
    std::vector<const char*> texts;
    std::vector<std::size_t> lengths;
    for (const std::string& word : words) {
      texts.push_back(word.data());
      lengths.push_back(word.size());
    }
    Reply reply(static_cast<redisReply*>(
        ::redisCommandArgv(redis, static_cast<int>(words.size()), texts.data(), lengths.data())));
    if (reply != nullptr) return reply;
    const bool timed_out = redis->err == REDIS_ERR_IO && errno == EAGAIN;
    return fail(timed_out ? ErrorCode::kDeadlineExceeded : ErrorCode::kInternal, "Redis does not answer", {},
                timed_out ? "timed out" : redis->errstr);
  }

  // For commands that answer nothing of interest.
  Result<void> command(const std::vector<std::string>& words) const {
    const auto reply = send(words);
    if (!reply) return std::unexpected(reply.error());
    if ((*reply)->type == REDIS_REPLY_ERROR) return fail_internal(std::string(text_of(**reply)));
    return {};
  }
};

RedisConnection::RedisConnection(std::unique_ptr<Context> context) : context_(std::move(context)) {}
RedisConnection::~RedisConnection() = default;

Result<std::unique_ptr<RedisConnection>> RedisConnection::open(const RedisOptions& options) {
  auto context = std::make_unique<Context>();
  context->redis = ::redisConnectWithTimeout(options.host.c_str(), options.port, to_timeval(options.timeout));
  if (context->redis == nullptr) return fail_internal("no memory for a connection");
  if (context->redis->err != 0) return fail_internal(context->redis->errstr);
  if (::redisSetTimeout(context->redis, to_timeval(options.timeout)) != REDIS_OK) {
    return fail_internal(context->redis->errstr);
  }
  if (!options.password.empty()) {
    std::vector<std::string> words = {"AUTH"};
    if (!options.user.empty()) words.push_back(options.user);
    words.push_back(options.password);
    if (auto signed_in = context->command(words); !signed_in) return std::unexpected(signed_in.error());
  }
  if (options.database != 0) {
    auto selected = context->command({"SELECT", std::to_string(options.database)});
    if (!selected) return std::unexpected(selected.error());
  }
  return std::unique_ptr<RedisConnection>(new RedisConnection(std::move(context)));
}

Result<std::vector<std::int64_t>> RedisConnection::run(const RedisScript& script, const std::vector<std::string>& keys,
                                                       const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {"EVALSHA", script.name(), std::to_string(keys.size())};
  words.insert(words.end(), keys.begin(), keys.end());
  words.insert(words.end(), arguments.begin(), arguments.end());
  auto reply = context_->send(words);
  if (!reply) return std::unexpected(reply.error());
  if ((*reply)->type == REDIS_REPLY_ERROR && text_of(**reply).starts_with("NOSCRIPT")) {
    // A Redis that has just started: it keeps the script from now on.
    words[0] = "EVAL";
    words[1] = script.text();
    reply = context_->send(words);
    if (!reply) return std::unexpected(reply.error());
  }
  if ((*reply)->type == REDIS_REPLY_ERROR) return fail_internal(std::string(text_of(**reply)));
  if ((*reply)->type != REDIS_REPLY_ARRAY) return fail_internal("Redis answers something else than an array");
  std::vector<std::int64_t> numbers;
  for (std::size_t at = 0; at < (*reply)->elements; ++at) {
    if ((*reply)->element[at]->type != REDIS_REPLY_INTEGER) return fail_internal("Redis answers no whole number");
    numbers.push_back((*reply)->element[at]->integer);
  }
  return numbers;
}

}  // namespace tintype
