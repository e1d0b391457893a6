#include "api/shared/key_scopes.h"

#include <gtest/gtest.h>

namespace tintype::api {
namespace {

using http::Method;

TEST(KeyScopes, ReadingAndWritingAreToldApart) {
  EXPECT_EQ(scope_needed(Method::kGet, "/api/images/img_1"), Scope::kImagesRead);
  EXPECT_EQ(scope_needed(Method::kHead, "/api/images/img_1"), Scope::kImagesRead);
  EXPECT_EQ(scope_needed(Method::kDelete, "/api/images/img_1"), Scope::kImagesWrite);
  EXPECT_EQ(scope_needed(Method::kPost, "/api/v1/upscale"), Scope::kJobsWrite);
  EXPECT_EQ(scope_needed(Method::kGet, "/api/v1/jobs/job_1/events"), Scope::kJobsRead);
  EXPECT_EQ(scope_needed(Method::kGet, "/s3/params"), Scope::kImagesWrite) << "Uppy signs its writes by GET";
}

TEST(KeyScopes, TheFirstRuleThatFitsHolds) {
  EXPECT_EQ(scope_needed(Method::kPost, "/api/images/enhance"), Scope::kJobsWrite);
  EXPECT_EQ(scope_needed(Method::kPost, "/api/images/upload"), Scope::kImagesWrite);
  EXPECT_EQ(scope_needed(Method::kPost, "/api/albums/album_1/enhance"), Scope::kJobsWrite);
  EXPECT_EQ(scope_needed(Method::kPatch, "/api/albums/album_1"), Scope::kImagesWrite);
}

TEST(KeyScopes, VerbsBelongToWhatIsBeforeThem) {
  EXPECT_EQ(scope_needed(Method::kGet, "/v1/images:deleted"), Scope::kImagesRead);
  EXPECT_EQ(scope_needed(Method::kPost, "/v1/uploads:resumable"), Scope::kImagesWrite);
  EXPECT_EQ(scope_needed(Method::kPost, "/v1/images/img_1:undelete"), Scope::kImagesWrite);
}

TEST(KeyScopes, WhatIsNotInTheTableTakesNoKey) {
  for (const char* path : {"/api/v1/keys", "/api/v1/keys/key_1/rotate", "/auth/v1/user", "/api/auth/session", "/",
                           "/api", "/api/imagesx", "/api/v1/jobsx/job_1", "/v1", "", "/metrics", "/s/token", "/s3x"}) {
    for (const Method method : {Method::kGet, Method::kPost, Method::kDelete}) {
      EXPECT_FALSE(scope_needed(method, path)) << path;
    }
  }
  EXPECT_FALSE(scope_needed(Method::kPost, "/api/tokens/grant"));
}

}  // namespace
}  // namespace tintype::api
