// `tintype bench-search`: how long searches take among many images.
#include <ctime>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <random>
#include <string>

#include "app/searches.h"
#include "cmd/commands.h"

namespace tintype::cmd {

namespace {

using Random64 = std::mt19937_64;

constexpr int kImagesPerUnit = 2'048;
constexpr int kUsers = 5'000;
constexpr int kWords = 50'000;
constexpr int kTags = 2'000;
constexpr int kAskedEach = 200;
constexpr UnixMs kFirstMs = 1'600'000'000'000;
constexpr UnixMs kApartMs = 90'000;

// Of this thread: what else keeps the machine busy does not count.
double processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

// Ranks from 0 on, the k-th as often as 1 / (k + 1): as words are in texts (Zipf).
class Ranks {
 public:
  explicit Ranks(int count) {
    double sum = 0;
    for (int rank = 0; rank < count; ++rank) sums_.push_back(sum += 1.0 / (rank + 1));
  }
  int draw(Random64& random) const {
    const double at = std::uniform_real_distribution<double>(0, sums_.back())(random);
    return static_cast<int>(std::ranges::lower_bound(sums_, at) - sums_.begin());
  }

 private:
  std::vector<double> sums_;
};

// A word that can be said, different for each number.
std::string word_of(int number) {
  static constexpr const char* kSyllables[] = {"ca",  "to", "ri", "me", "su", "no", "ba", "de", "li",
                                               "pa",  "ge", "fu", "ko", "wa", "hi", "ja", "ve", "zo",
                                               "qui", "xe", "ye", "ul", "in", "or", "as", "em"};
  std::string word;
  for (int left = number; left > 0 || word.empty(); left /= 26) word += kSyllables[left % 26];
  return word;
}

class Pictures {
 public:
  struct Made {
    Image image;
    std::vector<std::string> tags;
  };

  // Half of all belong to one user, one belongs to `lonely`, the others as ranks have it. Each second one has a word
  // that the others have not; and two words that all have, of which only one stands in the title.
  Made make(std::int64_t number) {
    Made made;
    Image& image = made.image;
    image.id = "img_" + std::to_string(number);
    image.user_id = number == 7          ? "lonely"
                    : random_() % 2 == 0 ? "user_0"
                                         : "user_" + std::to_string(users_.draw(random_));
    image.title = text(1 + static_cast<int>(random_() % 4)) + (number % 2 == 0 ? " even alpha" : " odd omega");
    image.description = text(static_cast<int>(random_() % 16)) + (number % 2 == 0 ? " omega" : " alpha");
    for (int count = static_cast<int>(random_() % 6); count > 0; --count)
      made.tags.push_back("tag" + word_of(tags_.draw(random_)));
    char name[48];
    std::snprintf(name, sizeof name, "%s_%05d.%s", random_() % 2 == 0 ? "IMG" : "DSC",
                  static_cast<int>(random_() % 100'000), number % 5 == 0 ? "png" : "jpg");
    image.name = name;
    image.format = number % 5 == 0 ? ImageFormat::kPng : number % 17 == 0 ? ImageFormat::kWebp : ImageFormat::kJpeg;
    image.visibility = random_() % 2 == 0 ? Visibility::kPublic : Visibility::kPrivate;
    image.width_px = number % 3 == 0 ? 4'032 : static_cast<int>(200 + random_() % 8'000);
    image.height_px = number % 3 == 0 ? 3'024 : static_cast<int>(200 + random_() % 6'000);
    image.size_bytes = 1;
    image.sha256 = image.id;
    image.object_key = "bench/" + image.id;
    image.perceptual_hash = random_();
    image.created_at_ms = image.updated_at_ms = kFirstMs + number * kApartMs;
    return made;
  }

  // A word as it is met in a text; one that is as often the rarest as the commonest.
  std::string word() { return word_of(words_.draw(random_)); }
  std::string any_word() { return word_of(static_cast<int>(random_() % kWords)); }
  std::string tag() { return "tag" + word_of(tags_.draw(random_)); }
  std::string letter() { return std::string(1, static_cast<char>('a' + random_() % 26)); }
  int below(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }

 private:
  std::string text(int words) {
    std::string all;
    for (; words > 0; --words) all += (all.empty() ? "" : " ") + word();
    return all;
  }

  Random64 random_{20'251'127};
  Ranks words_{kWords}, tags_{kTags}, users_{kUsers};
};

SearchEntry entry_of(const Pictures::Made& made) {
  const Image& image = made.image;
  SearchDocument document{image.user_id,    image.title,  made.tags,      image.description, image.name,         {},
                          image.visibility, image.format, image.width_px, image.height_px,   image.created_at_ms};
  return {image.id, search_content(document)};
}

Result<void> add_users(Database& database) {
  return database.write([&](Transaction& transaction) -> Result<void> {
    for (int number = -1; number < kUsers; ++number) {
      const std::string id = number < 0 ? "lonely" : "user_" + std::to_string(number);
      if (auto inserted = transaction.accounts().insert_user({id, id + "@example.org"}); !inserted) return inserted;
    }
    return {};
  });
}

Result<void> add_pictures(Database& database, Pictures& pictures, std::int64_t count) {
  double slowest = 0;
  const auto began = std::chrono::steady_clock::now();
  // The first unit is one short, as places in time begin at 1, and so segments are filled by whole units.
  for (std::int64_t first = 0, end = 0; first < count; first = end) {
    end = std::min(count, first + kImagesPerUnit - (first == 0 ? 1 : 0));
    std::vector<Pictures::Made> made;
    std::vector<SearchEntry> entries;
    for (std::int64_t number = first; number < end; ++number) {
      made.push_back(pictures.make(number));
      entries.push_back(entry_of(made.back()));
    }
    const auto start = std::chrono::steady_clock::now();
    auto written = database.write([&](Transaction& transaction) -> Result<void> {
      for (const Pictures::Made& one : made) {
        if (auto inserted = transaction.images().insert(one.image); !inserted) return inserted;
      }
      return transaction.searches().put(entries);
    });
    if (!written) return written;
    slowest = std::max(slowest, seconds_since(start));
  }
  const double seconds = seconds_since(began);
  std::printf("wrote %lld images in %.0f s, %.0f a second; the slowest %d took %.2f s\n", static_cast<long long>(count),
              seconds, static_cast<double>(count) / seconds, kImagesPerUnit, slowest);
  return {};
}

// One image at a time, as uploads come.
Result<void> add_singly(Database& database, Pictures& pictures, std::int64_t first, int count) {
  std::vector<double> took;
  for (int at = 0; at < count; ++at) {
    const Pictures::Made made = pictures.make(first + at);
    const SearchEntry entry = entry_of(made);
    auto written = database.write([&](Transaction& transaction) -> Result<void> {
      if (auto inserted = transaction.images().insert(made.image); !inserted) return inserted;
      const auto start = std::chrono::steady_clock::now();
      auto put = transaction.searches().put({&entry, 1});
      took.push_back(1e3 * seconds_since(start));
      return put;
    });
    if (!written) return written;
  }
  std::ranges::sort(took);
  double sum = 0;
  for (const double ms : took) sum += ms;
  std::printf("one at a time: %.2f ms each, half under %.2f, slowest %.1f ms\n", sum / static_cast<double>(took.size()),
              took[took.size() / 2], took.back());
  return {};
}

struct Shape {
  const char* name;
  const char* user_id;
  std::function<std::string(Pictures&)> query;
};

const std::vector<Shape>& shapes() {
  static const std::vector<Shape> all = {
      {"nothing (all that is visible)", "user_9", [](Pictures&) { return ""; }},
      {"one letter", "user_9", [](Pictures& p) { return p.letter(); }},
      {"two letters each begun", "user_9", [](Pictures& p) { return p.letter() + " " + p.letter(); }},
      {"five letters each begun", "user_9",
       [](Pictures& p) {
         return p.letter() + " " + p.letter() + " " + p.letter() + " " + p.letter() + " " + p.letter();
       }},
      {"a word as it is met", "user_9", [](Pictures& p) { return p.word(); }},
      {"any word", "user_9", [](Pictures& p) { return p.any_word(); }},
      {"two words as they are met", "user_9", [](Pictures& p) { return p.word() + " " + p.word(); }},
      {"three words as they are met", "user_9", [](Pictures& p) { return p.word() + " " + p.word() + " " + p.word(); }},
      {"two words that never meet", "user_9", [](Pictures&) { return "even odd"; }},
      {"two words that never meet in a title", "user_9", [](Pictures&) { return "alpha omega"; }},
      {"the same and a letter", "user_9", [](Pictures& p) { return "alpha omega " + p.letter(); }},
      {"a letter without two words", "user_9", [](Pictures& p) { return p.letter() + " -even -odd"; }},
      {"without a letter", "user_9", [](Pictures& p) { return "-" + p.letter(); }},
      {"without five letters", "user_9", [](Pictures&) { return "-a -e -i -o -u"; }},
      {"a phrase of two", "user_9", [](Pictures& p) { return "\"" + p.word() + " " + p.word() + "\""; }},
      {"a phrase of three", "user_9",
       [](Pictures& p) { return "\"" + p.word() + " " + p.word() + " " + p.word() + "\""; }},
      {"a file name", "user_9", [](Pictures& p) { return "IMG_0" + std::to_string(p.below(10'000)); }},
      {"a tag", "user_9", [](Pictures& p) { return "tag:" + p.tag(); }},
      {"a tag and a word", "user_9", [](Pictures& p) { return "tag:" + p.tag() + " " + p.word(); }},
      {"own, who has half, and a letter", "user_0", [](Pictures& p) { return "owner:me " + p.letter(); }},
      {"own, who has half, words that never meet", "user_0", [](Pictures&) { return "owner:me even odd"; }},
      {"own, who has one, and a letter", "lonely", [](Pictures& p) { return "owner:me " + p.letter(); }},
      {"who has one, words that never meet", "lonely", [](Pictures&) { return "even odd"; }},
      {"width and height", "user_9",
       [](Pictures& p) {
         return "width:>" + std::to_string(p.below(8'000)) + " height:<" + std::to_string(p.below(6'000));
       }},
      {"exact width and height", "user_9",
       [](Pictures& p) {
         return "width:" + std::to_string(200 + p.below(8'000)) + " height:" + std::to_string(200 + p.below(6'000));
       }},
      {"between two times, and a letter", "user_9",
       [](Pictures& p) {
         const UnixMs from = kFirstMs + p.below(900'000) * kApartMs;
         return "after:" + iso8601(from) + " before:" + iso8601(from + 100 * kApartMs) + " " + p.letter();
       }},
      {"before the first, and a word", "user_9", [](Pictures& p) { return "before:2020 " + p.word(); }},
      {"everything at once", "user_0",
       [](Pictures& p) {
         return "owner:me format:jpeg visibility:private width:>1000 height:<4000 after:2021 before:2024-06-05 -tag:" +
                p.tag() + " even alpha -odd " + p.letter() + " " + p.letter();
       }},
      {"all letters each begun", "user_0",
       [](Pictures&) { return "a b c d e f g h i j k l m n o p q r s t u v w x y z"; }},
      {"thirty ranges that are left out", "user_0",
       [](Pictures& p) {
         std::string query;
         for (int count = 0; count < 15; ++count) {
           const int width = p.below(8'000), height = p.below(6'000);
           query += " -width:" + std::to_string(width) + ".." + std::to_string(width + 300);
           query += " -height:" + std::to_string(height) + ".." + std::to_string(height + 200);
         }
         return query;
       }},
  };
  return all;
}

Result<void> ask(app::Searches& searches, Pictures& pictures, const Shape& shape, SearchOrder order, double& worst) {
  std::vector<double> took, processor;
  std::int64_t found = 0;
  for (int at = 0; at < kAskedEach; ++at) {
    app::SearchRequest request{shape.query(pictures), order, std::nullopt, std::nullopt};
    if (at % 4 == 3) request.after = SearchCursor{1, 1 + pictures.below(900'000)};
    const auto start = std::chrono::steady_clock::now();
    const double processor_start = processor_seconds();
    const auto page = searches.find(shape.user_id, request);
    processor.push_back(1e3 * (processor_seconds() - processor_start));
    took.push_back(1e3 * seconds_since(start));
    if (!page) return std::unexpected(page.error());
    found += static_cast<std::int64_t>(page->images.size());
  }
  std::ranges::sort(took);
  std::ranges::sort(processor);
  const double p99 = took[took.size() * 99 / 100];
  worst = std::max(worst, p99);
  std::printf("| %s | %s | %.2f | %.2f | %.2f | %.2f | %.1f |\n", shape.name,
              order == SearchOrder::kNewest ? "newest" : "relevance", took[took.size() / 2], p99, took.back(),
              processor[processor.size() * 99 / 100], static_cast<double>(found) / kAskedEach);
  std::fflush(stdout);
  return {};
}

Result<void> ask_similar(app::Searches& searches, std::int64_t images) {
  std::vector<double> took;
  for (int at = 0; at < 20; ++at) {
    const auto start = std::chrono::steady_clock::now();
    // Whose image it is is not known here: the one who asks gets it or is refused, after the same index was read.
    const auto similar =
        searches.similar("user_0", "img_" + std::to_string(images / 2 + at), app::kDistanceDefault, 20);
    const double ms = 1e3 * seconds_since(start);
    if (similar) took.push_back(ms);
  }
  std::ranges::sort(took);
  if (!took.empty()) {
    std::printf("similar images of the user who has half: half under %.1f ms, slowest %.1f\n", took[took.size() / 2],
                took.back());
  }
  return {};
}

// While somebody types: from nothing to four letters of a word, of a tag and of an album.
Result<void> ask_suggestions(app::Searches& searches, Pictures& pictures) {
  std::vector<double> took, worked;
  for (int at = 0; at < 5 * kAskedEach; ++at) {
    const auto letters = static_cast<std::size_t>(at % 5);
    const std::string typed = at % 3 == 0 ? "tag:" + pictures.tag().substr(0, 2 + letters)
                                          : "owner:me " + pictures.any_word().substr(0, letters);
    const auto start = std::chrono::steady_clock::now();
    const double began = processor_seconds();
    const auto found = searches.suggest("user_0", typed, app::kSuggestionsMax);
    worked.push_back(1e3 * (processor_seconds() - began));
    took.push_back(1e3 * seconds_since(start));
    if (!found) return std::unexpected(found.error());
  }
  std::ranges::sort(took);
  std::ranges::sort(worked);
  std::printf("suggestions for the user who has half: half under %.2f ms, p99 %.2f (on the core %.2f), slowest %.2f\n",
              took[took.size() / 2], took[took.size() * 99 / 100], worked[worked.size() * 99 / 100], took.back());
  return {};
}

}  // namespace

int bench_search(House& house, std::int64_t images, const std::string& only) {
  Database& database = house.database();
  Pictures pictures;
  AuditRepository::Counts counts;
  auto ran = database.read([&](Transaction& transaction) -> Result<void> {
    auto counted = transaction.audit().counts();
    if (!counted) return std::unexpected(counted.error());
    counts = *counted;
    return {};
  });
  if (ran && counts.images == 0) ran = add_users(database);
  if (ran && counts.images == 0) ran = add_pictures(database, pictures, images);
  if (ran) ran = add_singly(database, pictures, std::max(images, counts.images), 1'000);
  app::Searches searches(database);
  std::printf("| query | order | p50 ms | p99 ms | max ms | p99 CPU ms | found |\n|---|---|---|---|---|---|---|\n");
  double worst = 0;
  for (const Shape& shape : shapes()) {
    if (std::string_view(shape.name).find(only) == std::string_view::npos) continue;
    for (const SearchOrder order : {SearchOrder::kNewest, SearchOrder::kRelevance}) {
      if (ran) ran = ask(searches, pictures, shape, order, worst);
    }
  }
  if (ran) ran = ask_similar(searches, images);
  if (ran) ran = ask_suggestions(searches, pictures);
  if (!ran) return report(ran.error());
  std::printf("the worst p99 is %.2f ms\n", worst);
  return 0;
}

}  // namespace tintype::cmd
