// What becomes of uploads that nobody completes, or whose completing was cut off.
#include "app/uploads.h"

#include "base/digest.h"
#include "support/house.h"
#include "support/watched_database.h"

namespace tintype::app {

namespace {

class UploadsTest : public testing::Test {
 protected:
  UploadsTest() : ann(house.new_user("ann")) {}

  // An announced image of this many bytes, its session open.
  UploadSession begin(std::int64_t size_bytes, UploadMode mode = UploadMode::kMultipart) {
    NewImage request;
    request.file_name = "photo.png";
    request.format = ImageFormat::kPng;
    request.content_type = "image/png";
    request.size_bytes = size_bytes;
    const auto announced = house.uploads.announce(ann, request, {});
    EXPECT_TRUE(announced);
    const std::string image_id = std::get<Announced>(*announced).image.id;
    const auto session = house.uploads.start(ann, {image_id, mode, size_bytes, ImageFormat::kPng});
    EXPECT_TRUE(session) << session.error().message;
    return *session;
  }

  StoredPart put(const UploadSession& session, int number, const std::string& bytes) {
    const auto part = house.objects.put_part(session.object_key, session.multipart_upload_id, number,
                                             house.file(bytes).path, md5(bytes));
    EXPECT_TRUE(part) << part.error().message;
    return *part;
  }

  Result<Image> complete(const UploadSession& session, std::vector<StoredPart> parts) {
    return house.uploads.complete(ann.user_id, session.id, parts);
  }

  int open_at_store() {
    int count = 0;
    EXPECT_TRUE(house.objects.list_multiparts("", [&](const OpenMultipart&) { return ++count > 0; }));
    return count;
  }

  int stored_objects() {
    int count = 0;
    EXPECT_TRUE(house.objects.list("", [&](std::string_view, std::int64_t) { return ++count > 0; }));
    return count;
  }

  test::Folder folder;
  test::TestClock clock;
  test::House house{folder.path(), clock};
  Principal ann;
};

TEST_F(UploadsTest, AnExpiredSessionLeavesNothingBehind) {
  const UploadSession session = begin(7);
  put(session, 1, "picture");
  clock.advance(house.uploads.rules().session_ms);
  EXPECT_EQ(house.uploads.sign_parts(ann, session.id, {1}).error().code, ErrorCode::kGone);
  EXPECT_EQ(complete(session, {put(session, 1, "picture")}).error().code, ErrorCode::kGone);
  ASSERT_TRUE(house.janitor.run());
  EXPECT_EQ(house.uploads.get(ann.user_id, session.id).error().code, ErrorCode::kGone);
  EXPECT_EQ(open_at_store(), 0);
  EXPECT_FALSE(house.library.get(ann, session.image_id));
  EXPECT_EQ(house.storage.usage(ann.user_id)->bytes, 0);
  EXPECT_EQ(house.faults(), std::vector<std::string>{});
}

TEST_F(UploadsTest, ALongUploadOutlivesTheJanitor) {
  const UploadSession session = begin(7);
  const StoredPart part = put(session, 1, "picture");
  clock.advance(house.uploads.rules().session_ms - 1'000);
  ASSERT_TRUE(house.janitor.run());
  const auto image = complete(session, {part});
  ASSERT_TRUE(image) << image.error().message << image.error().cause;
  ASSERT_TRUE(house.janitor.run());
  EXPECT_EQ(house.faults(), std::vector<std::string>{});
}

// What is left when the program dies behind the store's answer and before the unit of work.
TEST_F(UploadsTest, CompletingGoesOnWhereItWasCutOff) {
  const UploadSession session = begin(7);
  const StoredPart part = put(session, 1, "picture");
  ASSERT_TRUE(house.objects.complete_multipart(session.object_key, session.multipart_upload_id, {&part, 1}));
  EXPECT_TRUE(house.uploads.get(ann.user_id, session.id)->parts.empty());
  const auto image = complete(session, {part});
  ASSERT_TRUE(image) << image.error().message << image.error().cause;
  EXPECT_EQ(image->state, ImageState::kStored);
  const auto jobs = house.work.claim(10, QueueLane::kBackground).value();
  ASSERT_EQ(jobs.size(), 1U) << "what every image has is ordered with it";
  EXPECT_EQ(variants_from(jobs[0].parameters), display_variants());
  EXPECT_EQ(house.faults(), std::vector<std::string>{});
}

TEST_F(UploadsTest, AnUploadThatNoSessionNamesIsAborted) {
  ASSERT_TRUE(house.objects.begin_multipart("uploads/img_x/original-y.png", "image/png"));
  const UploadSession session = begin(7);
  ASSERT_TRUE(house.janitor.run());
  EXPECT_EQ(open_at_store(), 2) << "it may be on its way to its session yet";
  clock.advance(3 * 3'600'000);
  ASSERT_TRUE(house.janitor.run());
  EXPECT_EQ(open_at_store(), 1);
  EXPECT_TRUE(house.uploads.sign_parts(ann, session.id, {1}));
}

TEST_F(UploadsTest, ARefusedFileGoesAndAnotherMayFollow) {
  const UploadSession session = begin(3);
  const auto refused = complete(session, {put(session, 1, "bad")});
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidInput);
  EXPECT_EQ(stored_objects(), 0);
  const auto anew = house.uploads.get(ann.user_id, session.id);
  ASSERT_TRUE(anew);
  EXPECT_NE(anew->session.object_key, session.object_key);
  EXPECT_EQ(open_at_store(), 1);
  ASSERT_TRUE(house.uploads.abort(ann.user_id, session.id));
  ASSERT_TRUE(house.uploads.abort(ann.user_id, session.id)) << "again is no error";
  ASSERT_TRUE(house.janitor.run());
  EXPECT_EQ(open_at_store(), 0);
  EXPECT_EQ(house.faults(), std::vector<std::string>{});
}

TEST_F(UploadsTest, WhoAbortsWhatIsCompletedMeanwhileIsTold) {
  test::WatchedDatabase busy(*house.database);
  Uploads uploads(busy, house.objects, house.engine, house.storage, house.notifier, clock, house.random, {});
  const UploadSession session = begin(7);
  const StoredPart part = put(session, 1, "picture");
  busy.before_write = [&] { EXPECT_TRUE(complete(session, {part})); };
  EXPECT_EQ(uploads.abort(ann.user_id, session.id).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(house.library.get(ann, session.image_id));
  EXPECT_EQ(house.faults(), std::vector<std::string>{});
}

TEST_F(UploadsTest, WhoDeletesWhatIsCompletedMeanwhileHasItDeleted) {
  test::WatchedDatabase busy(*house.database);
  Uploads uploads(busy, house.objects, house.engine, house.storage, house.notifier, clock, house.random, {});
  Library library(*house.database, house.images, uploads, house.notifier, clock, house.random, {});
  const UploadSession session = begin(7);
  const StoredPart part = put(session, 1, "picture");
  busy.before_write = [&] { EXPECT_TRUE(complete(session, {part})); };
  ASSERT_TRUE(library.remove(ann, session.image_id, false));
  EXPECT_FALSE(house.library.get(ann, session.image_id));
  EXPECT_TRUE(house.library.restore(ann, session.image_id)) << "it lies in the trash";
}

TEST_F(UploadsTest, WhatIsBegunAnewMeanwhileIsAbortedAllTheSame) {
  test::WatchedDatabase busy(*house.database);
  Uploads uploads(busy, house.objects, house.engine, house.storage, house.notifier, clock, house.random, {});
  const UploadSession session = begin(3);
  const StoredPart part = put(session, 1, "bad");
  busy.before_write = [&] { EXPECT_FALSE(complete(session, {part})); };
  ASSERT_TRUE(uploads.abort(ann.user_id, session.id));
  EXPECT_FALSE(house.library.get(ann, session.image_id));
  EXPECT_EQ(open_at_store(), 0);
}

TEST_F(UploadsTest, WhatComesByOnePutIsReceived) {
  NewImage request;
  request.file_name = "photo.png";
  request.format = ImageFormat::kPng;
  request.content_type = "image/png";
  const auto announced = house.uploads.announce(ann, request, {});
  const std::string image_id = std::get<Announced>(*announced).image.id;
  const auto session = house.uploads.start(ann, {image_id, UploadMode::kSingle, std::nullopt, ImageFormat::kPng});
  ASSERT_TRUE(session);
  EXPECT_EQ(house.uploads.receive(), 0);
  ASSERT_TRUE(house.objects.put_bytes(session->staging_key, "picture", "image/png"));
  EXPECT_EQ(house.uploads.receive(), 1);
  EXPECT_EQ(house.library.get(ann, image_id)->image.state, ImageState::kStored);
  EXPECT_EQ(house.storage.usage(ann.user_id)->bytes, 7);
  ASSERT_TRUE(house.janitor.run());
  EXPECT_EQ(stored_objects(), 1) << "the staged copy is gone";
  EXPECT_EQ(house.faults(), std::vector<std::string>{});
}

// As Uppy sends a small file: nobody says its size, nor when it has come.
UploadSession begin_unknown(test::House& house, Uploads& uploads, const Principal& user,
                            UploadMode mode = UploadMode::kSingle) {
  NewImage request;
  request.file_name = "photo.png";
  request.format = ImageFormat::kPng;
  request.content_type = "image/png";
  const auto announced = uploads.announce(user, request, {});
  EXPECT_TRUE(announced) << announced.error().message;
  house.clock.advance(1);
  return *uploads.start(user, {std::get<Announced>(*announced).image.id, mode, std::nullopt, ImageFormat::kPng});
}

TEST_F(UploadsTest, WhatThePlanHasNoRoomForSaysSoToItsOwner) {
  const Storage narrow(*house.database, {{"free", {5, 10'000}}});
  Uploads uploads(*house.database, house.objects, house.engine, narrow, house.notifier, clock, house.random, {});
  const UploadSession session = begin_unknown(house, uploads, ann);
  ASSERT_TRUE(house.objects.put_bytes(session.staging_key, "picture", "image/png"));
  EXPECT_EQ(uploads.receive(), 0);
  const auto progress = uploads.get(ann.user_id, session.id);
  ASSERT_TRUE(progress && progress->fault);
  EXPECT_EQ(progress->fault->code, "QUOTA_EXCEEDED");
  EXPECT_EQ(house.library.get(ann, session.image_id)->image.fault->message, progress->fault->message);
  EXPECT_EQ(stored_objects(), 0);
  EXPECT_EQ(house.faults(), std::vector<std::string>{});
}

TEST_F(UploadsTest, PartsOfUnknownSizeCountByWhatTheyHave) {
  const Storage narrow(*house.database, {{"free", {16 << 20, 10'000}}});
  Uploads uploads(*house.database, house.objects, house.engine, narrow, house.notifier, clock, house.random, {});
  const UploadSession session = begin_unknown(house, uploads, ann, UploadMode::kMultipart);
  ASSERT_TRUE(uploads.sign_parts(ann, session.id, {1, 2}));
  put(session, 1, std::string(12 << 20, 'a'));
  const auto signed_on = uploads.sign_parts(ann, session.id, {2});
  ASSERT_FALSE(signed_on);
  EXPECT_EQ(signed_on.error().code, ErrorCode::kQuotaExceeded);
}

TEST_F(UploadsTest, ManyThatDoNotComeKeepNobodyWaiting) {
  UploadRules rules;
  rules.unknown_size_open_max = 1'000;
  Uploads uploads(*house.database, house.objects, house.engine, house.storage, house.notifier, clock, house.random,
                  rules);
  for (int count = 0; count < 250; ++count) begin_unknown(house, uploads, ann);
  const UploadSession last = begin_unknown(house, uploads, house.new_user("bob"));
  ASSERT_TRUE(house.objects.put_bytes(last.staging_key, "picture", "image/png"));
  int received = 0;
  for (int look = 0; look < 3; ++look) received += uploads.receive().value();
  EXPECT_EQ(received, 1);
}

TEST_F(UploadsTest, FewOfUnknownSizeMayBeOpen) {
  for (int count = 0; count < house.uploads.rules().unknown_size_open_max; ++count) {
    begin_unknown(house, house.uploads, ann);
  }
  NewImage request;
  request.format = ImageFormat::kPng;
  request.content_type = "image/png";
  EXPECT_EQ(house.uploads.announce(ann, request, {}).error().code, ErrorCode::kRateLimited);
  begin(7);
}

TEST_F(UploadsTest, WhatASignedUrlLetsInBehindItsSessionIsPurged) {
  const UploadSession session = begin(7, UploadMode::kSingle);
  ASSERT_TRUE(house.objects.put_bytes(session.staging_key, "picture", "image/png"));
  ASSERT_TRUE(house.uploads.complete(ann.user_id, session.id, std::nullopt));
  ASSERT_TRUE(house.objects.put_bytes(session.staging_key, "another", "image/png"));
  EXPECT_EQ(house.faults(), std::vector<std::string>{}) << "the journal knows it yet";
  clock.advance(house.uploads.rules().url_ms + 2 * 3'600'000);
  ASSERT_TRUE(house.janitor.run());
  EXPECT_EQ(stored_objects(), 1) << "the image alone";
  EXPECT_EQ(house.faults(), std::vector<std::string>{});
}

TEST_F(UploadsTest, WhatWasRestoredIsNotPurged) {
  const std::string id = house.new_image(ann);
  const auto deletes_at_ms = house.library.remove(ann, id, false);
  ASSERT_TRUE(house.library.restore(ann, id));
  EXPECT_EQ(house.images.remove(ann.user_id, id, *deletes_at_ms).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(house.library.get(ann, id));
}

TEST_F(UploadsTest, TheTrashIsEmptiedWhenItsTimeIsOver) {
  const std::string id = house.new_image(ann);
  const auto deletes_at_ms = house.library.remove(ann, id, false);
  ASSERT_TRUE(deletes_at_ms);
  EXPECT_EQ(house.faults(), std::vector<std::string>{});
  clock.advance(*deletes_at_ms - clock.now_ms() - 1);
  ASSERT_TRUE(house.janitor.run());
  EXPECT_TRUE(house.library.restore(ann, id));
  ASSERT_TRUE(house.library.remove(ann, id, false));
  clock.advance(7LL * 24 * 3'600'000);
  ASSERT_TRUE(house.janitor.run());
  EXPECT_FALSE(house.library.restore(ann, id));
  EXPECT_EQ(stored_objects(), 0);
  EXPECT_EQ(house.storage.usage(ann.user_id)->images, 0);
  EXPECT_EQ(house.faults(), std::vector<std::string>{});
}

}  // namespace

}  // namespace tintype::app
