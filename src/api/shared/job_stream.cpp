#include "api/shared/job_stream.h"

#include "api/shared/subscription.h"
#include "app/jobs.h"

namespace tintype::api {

Result<http::Response> job_stream(Notifier& notifier, const std::string& job_id, const char* id_name,
                                  std::function<Result<JobNews>()> look) {
  if (const auto now = look(); !now) return std::unexpected(now.error());
  auto stream = std::make_shared<http::EventStream>();
  stream->subscribe = subscription(notifier, app::job_topic(job_id));
  stream->next = [look = std::move(look), job_id, id_name,
                  seen = std::string()](bool& done) mutable -> std::vector<http::Event> {
    const auto now = look();
    if (!now) {  // its image was deleted, or its time is over
      done = now.error().code == ErrorCode::kNotFound;
      if (!done) return {};
      return {{"deleted", {}, JsonText{{id_name, job_id}}.text()}};
    }
    done = is_end_state(now->state);
    std::string mark = std::string(job_state_name(now->state)) + "/" + std::to_string(now->progress_permille / 10);
    if (mark == seen) return {};
    seen = std::move(mark);
    return {{"job", {}, now->data.text()}};
  };
  http::Response response;
  response.headers.add("Cache-Control", "no-store");
  response.body = std::move(stream);
  return response;
}

}  // namespace tintype::api
