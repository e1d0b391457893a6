// Renditions that are made when somebody asks for them, and kept: few at once, each once however many ask.
//
// They are rendered by threads of their own, which are started when they are needed. Who asks gets a ticket, and looks
// at it when the topic wakes him: waiting holds no thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "domain/image.h"
#include "domain/variant.h"
#include "ports/database.h"
#include "ports/image_engine.h"
#include "ports/notifier.h"
#include "ports/object_store.h"

namespace tintype::app {

struct RenditionRules {
  int at_once_max = 2;      // that are rendered at the same time
  int waiting_max = 32;     // that wait for their turn; more are kRateLimited
  int per_image_max = 100;  // that are kept of an image; the longest unused go
  int make_seconds_max = 20;
  std::int64_t use_noted_ms = 60 * 60 * 1000;  // when one was last used is written at most this often
};

class Renditions {
 public:
  Renditions(Database& database, ObjectStore& objects, ImageEngine& engine, Notifier& notifier, const Clock& clock,
             Random& random, RenditionRules rules);
  // Stops what is being rendered. No ticket outlives this.
  ~Renditions();
  Renditions(const Renditions&) = delete;
  Renditions& operator=(const Renditions&) = delete;

  // The rendition if there is one. Only reads, and notes its use for the next flush().
  Result<std::optional<Variant>> find(const Image& image, const VariantKey& key);

  // A place among those who wait for a rendition. When all have left before it is made, it is given up.
  class Ticket;
  // Begins to make it, or joins those who wait for the same. kRateLimited when too many others wait.
  Result<std::shared_ptr<Ticket>> make(const Image& image, const VariantKey& key);
  // Whether making it was begun already, so that who asks for it costs nothing more.
  bool is_under_way(const Image& image, const VariantKey& key);
  // What became of it; nothing while it is under way. kDeadlineExceeded when it took too long.
  std::optional<Result<Variant>> outcome(const Ticket& ticket);

  // Writes down when renditions were last used: one unit of work for all. Blocks.
  Result<void> flush();

  const RenditionRules& rules() const { return rules_; }

 private:
  using Name = std::pair<std::string, std::string>;  // of the image and of the rendition
  struct Making;
  void begin(const std::shared_ptr<Making>& making);
  void leave(Making& making);
  void render_all();
  void render_one(Making& making);
  Result<Variant> produce(Making& making);
  Result<WrittenPicture> write(Making& making, const std::filesystem::path& output);
  Result<Variant> keep(const Making& making, Variant made, const std::filesystem::path& file);
  Result<void> drop_longest_unused(Transaction& transaction, const Image& image);

  Database& database_;
  ObjectStore& objects_;
  ImageEngine& engine_;
  Notifier& notifier_;
  const Clock& clock_;
  Random& random_;
  const RenditionRules rules_;

  std::mutex mutex_;  // of all below
  std::condition_variable wake_;
  bool stopping_ = false;
  int idle_ = 0;
  std::deque<std::shared_ptr<Making>> waiting_;
  std::map<Name, std::shared_ptr<Making>> makings_;  // those that can be joined
  std::map<Name, std::pair<VariantKey, UnixMs>> used_;
  std::vector<std::thread> threads_;
};

class Renditions::Ticket {
 public:
  Ticket(Renditions& renditions, std::shared_ptr<Making> making);
  ~Ticket();
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;

 private:
  friend class Renditions;
  Renditions& renditions_;
  std::shared_ptr<Making> making_;
};

// What is notified when a rendition is made or was given up.
std::string rendition_topic(std::string_view image_id, const VariantKey& key);

}  // namespace tintype::app
