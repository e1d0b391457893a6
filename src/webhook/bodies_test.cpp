#include "webhook/bodies.h"

#include <gtest/gtest.h>

namespace tintype::webhook {
namespace {

// Says how long a URL holds.
class PlainUrls final : public UrlSigner {
 public:
  std::string object_url(std::string_view key, const Delivery& delivery) const override {
    return "https://objects.example.com/" + std::string(key) + "?until=" + std::to_string(delivery.expires_at_ms);
  }
};

constexpr UnixMs kNow = 1'737'201'618'000;  // 2025-01-18T12:00:18Z

Job succeeded(Surface surface) {
  Job job;
  job.id = "job_1";
  job.user_id = "user-1";
  job.surface = surface;
  job.state = JobState::kSucceeded;
  job.started_at_ms = kNow - 18'500;
  job.finished_at_ms = kNow;
  job.result = JobResult{"results/a.png", ImageFormat::kPng, 7'680, 4'320, 15'234'567, "sha"};
  return job;
}

JobCall call() {
  JobCall made;
  made.job_id = "job_1";
  made.input_width_px = 1'920;
  made.input_height_px = 1'080;
  return made;
}

const PlainUrls kUrls;
const Bodies kBodies(kUrls);

TEST(Bodies, OfTheUpscaleSurfaceAreThoseOfItsContract) {
  EXPECT_EQ(kBodies.of_job(succeeded(Surface::kUpscale), call(), WebhookEvent::kJobCompleted, kNow),
            R"({"event":"job.completed","job_id":"job_1","status":"completed","result":{)"
            R"("output_url":"https://objects.example.com/results/a.png?until=1737806418000",)"
            R"("original_size":{"width":1920,"height":1080},"output_size":{"width":7680,"height":4320},)"
            R"("file_size":15234567,"processing_time":18.5},"timestamp":"2025-01-18T12:00:18.000Z"})");
}

TEST(Bodies, OfAFailedJobSayWhyAndHandTheMetadataBack) {
  Job job = succeeded(Surface::kUpscale);
  job.state = JobState::kFailed;
  job.result.reset();
  job.failure = JobFailure{"IMAGE_DAMAGED", "The picture is cut off"};
  JobCall with_metadata = call();
  with_metadata.metadata = R"({"order":"A-7"})";
  with_metadata.is_test = true;
  EXPECT_EQ(kBodies.of_job(job, with_metadata, WebhookEvent::kJobFailed, kNow),
            R"({"event":"job.failed","job_id":"job_1","status":"failed",)"
            R"("error":{"code":"IMAGE_DAMAGED","message":"The picture is cut off"},"metadata":{"order":"A-7"},)"
            R"("test":true,"timestamp":"2025-01-18T12:00:18.000Z"})");
}

TEST(Bodies, OfProgressSayHowMuchOfAHundred) {
  Job job = succeeded(Surface::kUpscale);
  job.state = JobState::kRunning;
  job.result.reset();
  job.progress_permille = 655;
  EXPECT_EQ(kBodies.of_job(job, call(), WebhookEvent::kJobProgress, kNow),
            R"({"event":"job.progress","job_id":"job_1","status":"processing","progress":65,)"
            R"("timestamp":"2025-01-18T12:00:18.000Z"})");
}

TEST(Bodies, OfTheStudioSurfaceHaveExactlyFourFields) {
  EXPECT_EQ(kBodies.of_job(succeeded(Surface::kStudio), call(), WebhookEvent::kJobCompleted, kNow),
            R"({"event":"job.completed","jobId":"job_1","userId":"user-1","result":{)"
            R"("imageUrl":"https://objects.example.com/results/a.png?until=1737806418000",)"
            R"("width":7680,"height":4320}})");
  Job failed = succeeded(Surface::kStudio);
  failed.result.reset();
  EXPECT_EQ(kBodies.of_job(failed, call(), WebhookEvent::kJobFailed, kNow),
            R"({"event":"job.failed","jobId":"job_1","userId":"user-1","result":null})");
}

}  // namespace
}  // namespace tintype::webhook
