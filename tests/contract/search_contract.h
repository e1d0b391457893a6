// What the search of every Database has to find, and in which order: the same as somebody who looks at each image in
// turn. A suite names a factory of fresh, migrated databases.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <random>

#include "domain/search_query.h"
#include "domain/search_suggestion.h"
#include "domain/search_words.h"
#include "ports/database.h"

namespace tintype {

class SearchContract : public testing::TestWithParam<std::function<std::unique_ptr<Database>()>> {
 protected:
  static constexpr UnixMs kStart = 1'700'000'000'000;
  static constexpr UnixMs kDay = 24 * 3'600'000;

  struct Known {
    std::string id;
    SearchDocument document;
  };

  void SetUp() override {
    database = GetParam()();
    if (!database) GTEST_SKIP() << "this engine is not installed here";
    write([&](Transaction& transaction) -> Result<void> {
      for (const char* id : {"ann", "bob", "eve"}) {
        const User user{id, std::string(id) + "@example.org"};
        if (auto inserted = transaction.accounts().insert_user(user); !inserted) return inserted;
      }
      return {};
    });
  }

  void write(UnitOfWork unit) {
    const auto written = database->write(unit);
    ASSERT_TRUE(written) << written.error().message << " " << written.error().cause;
  }

  template <class T>
  const T& one_of(const std::vector<T>& all) {
    return all[random() % all.size()];
  }

  std::string text(std::size_t words_max) {
    static const std::vector<std::string> kWords = {"cat",
                                                    "Cats",
                                                    "catalogue",
                                                    "dog",
                                                    "DOG-house",
                                                    "pets",
                                                    "a",
                                                    "b",
                                                    "Caf\u00e9",
                                                    "\u6771\u4eac\u30bf\u30ef\u30fc",
                                                    "\u4eac\u90fd",
                                                    "\u30bf\u30ef\u30fc",
                                                    "it's",
                                                    "x\\y",
                                                    "internationalization",
                                                    "internationalizing",
                                                    "\u00c9t\u00e9",
                                                    "2024",
                                                    "20",
                                                    "of",
                                                    "the"};
    std::string all;
    for (std::size_t count = random() % (words_max + 1); count > 0; --count) all += one_of(kWords) + " ";
    return all;
  }

  SearchDocument random_document(UnixMs created_at_ms) {
    SearchDocument document;
    document.owner_id = one_of<std::string>({"ann", "ann", "bob"});
    document.title = text(3);
    for (std::size_t count = random() % 3; count > 0; --count) document.tags.push_back(text(2));
    document.description = text(6);
    document.file_name = text(1) + ".png";
    if (random() % 3 == 0) document.album_ids = {one_of<std::string>({"alb_1", "alb_2"})};
    document.visibility = one_of<Visibility>({Visibility::kPrivate, Visibility::kPublic});
    document.format = one_of<ImageFormat>({ImageFormat::kJpeg, ImageFormat::kPng});
    document.width_px = one_of<int>({1, 99, 100, 1'920, 1'999, 2'000, 2'001, 123'456});
    document.height_px = static_cast<int>(random() % 3'000);
    document.created_at_ms = created_at_ms;
    return document;
  }

  static Image image_of(const Known& known) {
    Image image;
    image.id = known.id;
    image.user_id = known.document.owner_id;
    image.object_key = "key-" + known.id;
    image.visibility = known.document.visibility;
    image.width_px = known.document.width_px;
    image.height_px = known.document.height_px;
    image.created_at_ms = known.document.created_at_ms;
    return image;
  }

  // Stores images in units of several, as uploads and batches come.
  void store(std::size_t count) {
    while (count > 0) {
      const std::size_t together = std::min<std::size_t>(count, 1 + random() % 90);
      std::vector<SearchEntry> entries;
      const std::size_t begin = all.size();
      for (std::size_t at = 0; at < together; ++at) {
        // An hour apart, and at times a little out of order.
        const std::int64_t number = stored_++;
        const UnixMs created_at_ms = kStart + number * 3'600'000 - static_cast<UnixMs>(random() % 10'000'000);
        all.push_back({"img_" + std::to_string(number), random_document(created_at_ms)});
        entries.push_back({all.back().id, search_content(all.back().document)});
      }
      write([&](Transaction& transaction) -> Result<void> {
        for (std::size_t at = begin; at < all.size(); ++at) {
          if (auto inserted = transaction.images().insert(image_of(all[at])); !inserted) return inserted;
        }
        return transaction.searches().put(entries);
      });
      count -= together;
    }
  }

  void change(Known& known) {
    const UnixMs created_at_ms = known.document.created_at_ms;
    const std::string owner = known.document.owner_id;
    known.document = random_document(created_at_ms);
    known.document.owner_id = owner;
    const SearchEntry entry{known.id, search_content(known.document)};
    write([&](Transaction& transaction) -> Result<void> {
      if (auto updated = transaction.images().update(image_of(known)); !updated) return updated;
      return transaction.searches().put({&entry, 1});
    });
  }

  void remove(std::size_t at) {
    const Known gone = all[at];
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(at));
    write([&](Transaction& transaction) -> Result<void> {
      const auto removed = transaction.images().remove(gone.document.owner_id, gone.id);
      return removed ? Result<void>() : std::unexpected(removed.error());
    });
  }

  // The texts in which a phrase may stand, with their classes.
  static std::vector<std::pair<int, std::vector<std::string>>> texts_of(const SearchDocument& document) {
    std::vector<std::pair<int, std::vector<std::string>>> texts;
    const auto add = [&](int field, const std::string& text) {
      texts.emplace_back(field, std::vector<std::string>());
      for (const SearchWord& word : search_words(text)) texts.back().second.push_back(word.text);
    };
    add(1, document.title);
    for (const std::string& tag : document.tags) add(2, tag);
    add(3, document.description);
    add(4, document.file_name);
    return texts;
  }

  static bool stands_at(const std::vector<std::string>& words, std::size_t at, const WordPattern& pattern) {
    for (std::size_t which = 0; which < pattern.words.size(); ++which) {
      if (at + which >= words.size()) return false;
      const bool is_begun = pattern.is_prefix && which + 1 == pattern.words.size();
      const std::string& word = words[at + which];
      if (is_begun ? !word.starts_with(pattern.words[which]) : word != pattern.words[which]) return false;
    }
    return true;
  }

  // The class of the best field in which a pattern stands; 0 when it stands in none.
  static int class_of(const SearchDocument& document, const WordPattern& pattern) {
    for (const auto& [field, words] : texts_of(document)) {
      for (std::size_t at = 0; at < words.size(); ++at) {
        if (stands_at(words, at, pattern)) return field;
      }
    }
    return 0;
  }

  // As search_query.h ranks: a phrase of several words by its pairs, a long beginning by its first letters.
  static int rank_of(const SearchDocument& document, const WordPattern& pattern) {
    if (class_of(document, pattern) == 0) return 0;
    if (pattern.words.size() == 1) {
      const std::string& word = pattern.words.front();
      return class_of(document, pattern.is_prefix
                                    ? WordPattern{{word.substr(0, letter_bytes(word, kPrefixLettersMax))}, true}
                                    : pattern);
    }
    int worst = 0;
    for (std::size_t at = 1; at < pattern.words.size(); ++at) {
      worst = std::max(worst, class_of(document, {{pattern.words[at - 1], pattern.words[at]}, false}));
    }
    return worst;
  }

  // The class of the worst word of a term that holds, at least 1; 0 when it does not hold.
  static int tier_of(const SearchDocument& document, const SearchTerm& term, const std::string& user_id) {
    struct Holds {
      const SearchDocument& document;
      const std::string& user_id;
      int operator()(const WordsTerm& words) const {
        int worst = 1;
        for (const WordPattern& pattern : words.patterns) {
          const int rank = rank_of(document, pattern);
          if (rank == 0) return 0;
          worst = std::max(worst, rank);
        }
        return worst;
      }
      int operator()(const TagTerm& tag) const {
        return std::ranges::any_of(document.tags,
                                   [&](const std::string& other) { return normal_tag(other) == normal_tag(tag.tag); });
      }
      int operator()(const AlbumTerm& album) const {
        return std::ranges::count(document.album_ids, album.album_id) > 0;
      }
      int operator()(const OwnerTerm& owner) const { return owner.user_id.value_or(user_id) == document.owner_id; }
      int operator()(const FormatTerm& format) const { return format.format == document.format; }
      int operator()(const VisibilityTerm& visibility) const { return visibility.visibility == document.visibility; }
      int operator()(const NumberTerm& number) const {
        const std::int64_t value = number.number == SearchNumber::kWidth    ? document.width_px
                                   : number.number == SearchNumber::kHeight ? document.height_px
                                                                            : document.created_at_ms;
        return number.from <= value && value <= number.to;
      }
    };
    return std::visit(Holds{document, user_id}, term.what);
  }

  // By looking at each image in turn.
  std::vector<std::string> expected(const SearchQuery& query, const std::string& user_id, SearchOrder order) const {
    std::array<std::vector<std::string>, kFieldClasses + 1> tiers;
    for (auto known = all.rbegin(); known != all.rend(); ++known) {
      const SearchDocument& document = known->document;
      if (document.owner_id != user_id && document.visibility != Visibility::kPublic) continue;
      int tier = 1;
      for (const SearchTerm& term : query.terms) {
        const int of_term = tier_of(document, term, user_id);
        if ((of_term == 0) != term.is_excluded) tier = 0;
        if (tier == 0) break;
        if (!term.is_excluded) tier = std::max(tier, of_term);
      }
      if (tier > 0) tiers[order == SearchOrder::kNewest ? 1 : static_cast<std::size_t>(tier)].push_back(known->id);
    }
    std::vector<std::string> ids;
    for (const auto& tier : tiers) ids.insert(ids.end(), tier.begin(), tier.end());
    return ids;
  }

  // Page by page to the end.
  std::vector<std::string> found(const SearchQuery& query, const std::string& user_id, SearchOrder order, int limit) {
    std::vector<std::string> ids;
    const SearchPlan plan = plan_search(query, user_id);
    std::optional<SearchCursor> after;
    do {
      const auto done = database->read([&](Transaction& transaction) -> Result<void> {
        auto page = transaction.searches().search(user_id, plan, order, after, limit);
        if (!page) return std::unexpected(page.error());
        EXPECT_LE(page->images.size(), static_cast<std::size_t>(limit));
        const auto outlined = transaction.searches().outline(user_id, plan, order, after, limit).value();
        EXPECT_TRUE(std::ranges::equal(outlined.images, page->images, {}, &ImageOutline::id, &Image::id));
        EXPECT_EQ(outlined.next.has_value(), page->next.has_value());
        for (const Image& image : page->images) ids.push_back(image.id);
        after = page->next;
        return {};
      });
      EXPECT_TRUE(done) << done.error().message << " " << done.error().cause;
      if (!done) break;
    } while (after);
    return ids;
  }

  // Both orders, over pages of several sizes.
  void compare(const std::string& text, const std::string& user_id) {
    const auto query = parse_search(text);
    ASSERT_TRUE(query) << text << ": " << query.error().message;
    for (const SearchOrder order : {SearchOrder::kNewest, SearchOrder::kRelevance}) {
      // Not too many pages of the many images.
      const int limit = all.size() < 300 ? one_of<int>({1, 7, 50}) : one_of<int>({100, 400, 5'000});
      ASSERT_EQ(found(*query, user_id, order, limit), expected(*query, user_id, order))
          << text << " by " << user_id << (order == SearchOrder::kNewest ? ", newest" : ", by relevance");
    }
  }

  std::string random_query() {
    static const std::vector<std::string> kTerms = {"c",
                                                    "ca",
                                                    "cat",
                                                    "cats",
                                                    "d",
                                                    "\"cat\"",
                                                    "\"dog house\"",
                                                    "of",
                                                    "\"of the\"",
                                                    "\"cat of the\"",
                                                    "\"a b a\"",
                                                    "caf\u00e9",
                                                    "CAFE",
                                                    "internationaliz",
                                                    "internationalizat",
                                                    "\u4eac",
                                                    "\u6771\u4eac",
                                                    "\u6771\u4eac\u30bf\u30ef\u30fc",
                                                    "\u30bf\u30ef\u30fc",
                                                    "dog-house",
                                                    "it's",
                                                    "x\\y",
                                                    "tag:cat",
                                                    "tag:\"cat dog\"",
                                                    "tag:CAF\u00c9",
                                                    "tag:\"it's\"",
                                                    "tag:\"x\\y\"",
                                                    "owner:me",
                                                    "owner:bob",
                                                    "album:alb_1",
                                                    "format:png",
                                                    "format:jpeg",
                                                    "visibility:public",
                                                    "visibility:private",
                                                    "width:>2000",
                                                    "width:>=2000",
                                                    "width:<100",
                                                    "width:<=100",
                                                    "width:<5000",
                                                    "width:1999",
                                                    "width:100..2000",
                                                    "height:500..1499",
                                                    "height:<0",
                                                    "after:2023-12",
                                                    "before:2024-01-20",
                                                    "after:2023-11-20",
                                                    "before:2024",
                                                    "after:2023-11-20T10:11:12.345Z",
                                                    "before:2023-12-24T00:00:00+02:00",
                                                    "20",
                                                    "png"};
    std::string query;
    for (std::size_t count = random() % 4; count > 0; --count) {
      query += (random() % 4 == 0 ? "-" : "") + one_of(kTerms) + " ";
    }
    return query;
  }

  std::unique_ptr<Database> database;
  std::vector<Known> all;  // in their order of time
  std::mt19937 random{5};

 private:
  std::int64_t stored_ = 0;
};

TEST_P(SearchContract, WhatIsKnownOfAUserIsWhatTheImagesThatAreThereHave) {
  store(120);
  for (int round = 0; round < 60; ++round) change(all[random() % all.size()]);
  for (int round = 0; round < 40; ++round) remove(random() % all.size());
  using Counts = std::map<std::string, int>;
  std::map<std::pair<std::string, KnownKind>, Counts> expected;
  for (const Known& known : all) {
    for (const ContentTerm& term : content_terms(search_content(known.document))) {
      ++expected[{known.document.owner_id, term.kind}][term.term];
    }
  }
  database
      ->read([&](Transaction& transaction) -> Result<void> {
        for (const char* user : {"ann", "bob", "eve"}) {
          for (const KnownKind kind : {KnownKind::kTag, KnownKind::kWord, KnownKind::kAlbum}) {
            for (const std::string prefix : {"", "c", "cat", "caf", "20", "\u6771", "z"}) {
              std::vector<std::pair<int, std::string>> wanted;
              for (const auto& [term, count] : expected[{user, kind}]) {
                if (term.starts_with(prefix)) wanted.emplace_back(-count, term);
              }
              std::ranges::sort(wanted);
              const auto found = transaction.searches().known_terms(user, kind, prefix, 1'000).value();
              EXPECT_EQ(found.size(), wanted.size()) << user << " " << known_kind_name(kind) << " " << prefix;
              for (std::size_t at = 0; at < std::min(found.size(), wanted.size()); ++at) {
                EXPECT_EQ(found[at].term, wanted[at].second);
              }
            }
          }
        }
        EXPECT_EQ(transaction.searches().known_terms("ann", KnownKind::kWord, "c", 2).value().size(), 2U);
        return {};
      })
      .value();
}

TEST_P(SearchContract, OfManyThatBeginSoThoseThatMostImagesHaveAreKnown) {
  SearchDocument document;
  document.owner_id = "ann";
  for (int number = 0; number < 400; ++number) {
    document.title = "a" + std::to_string(number) + (number % 2 == 0 ? " azure" : "");
    all.push_back({"img_" + std::to_string(number), document});
    const SearchEntry entry{all.back().id, search_content(document)};
    write([&](Transaction& transaction) -> Result<void> {
      if (auto inserted = transaction.images().insert(image_of(all.back())); !inserted) return inserted;
      return transaction.searches().put({&entry, 1});
    });
  }
  const auto known = [&](const char* prefix) {
    std::vector<KnownTerm> terms;
    database
        ->read([&](Transaction& transaction) -> Result<void> {
          terms = transaction.searches().known_terms("ann", KnownKind::kWord, prefix, 3).value();
          return {};
        })
        .value();
    return terms;
  };
  EXPECT_EQ(known("a").front().term, "azure") << "the last in their order, and the most used";
  EXPECT_EQ(known("a39").front().term, "a39");
}

TEST_P(SearchContract, TitlesOfAlbumsAreKnownWhileTheyAreThere) {
  const auto titles = [&](const char* user, const char* prefix) {
    std::string joined;
    database
        ->read([&](Transaction& transaction) -> Result<void> {
          const auto found = transaction.searches().known_terms(user, KnownKind::kAlbum, prefix, 10).value();
          for (const KnownTerm& one : found) joined += one.label + "=" + one.id + " ";
          return {};
        })
        .value();
    return joined;
  };
  write([&](Transaction& transaction) -> Result<void> {
    for (const auto& [id, user, name, at_ms] : {std::tuple{"alb_1", "ann", "\u00c9t\u00e9 2024", 1},
                                                {"alb_2", "ann", "\u00c9t\u00e9 2025", 2},
                                                {"alb_3", "bob", "\u00c9t\u00e9", 3}}) {
      Album album;
      album.id = id;
      album.user_id = user;
      album.name = name;
      album.created_at_ms = at_ms;
      if (auto inserted = transaction.albums().insert(album); !inserted) return inserted;
    }
    return {};
  });
  EXPECT_EQ(titles("ann", "ete"), "\u00c9t\u00e9 2025=alb_2 \u00c9t\u00e9 2024=alb_1 ") << "newest first";
  write([&](Transaction& transaction) -> Result<void> {
    auto album = transaction.albums().find("alb_2").value().value();
    album.name = "Winter";
    EXPECT_TRUE(transaction.albums().update(album).value());
    album.user_id = "bob";
    album.name = "Stolen";
    EXPECT_FALSE(transaction.albums().update(album).value());
    EXPECT_FALSE(transaction.albums().remove("bob", "alb_1").value());
    return {};
  });
  EXPECT_EQ(titles("ann", ""), "Winter=alb_2 \u00c9t\u00e9 2024=alb_1 ");
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_TRUE(transaction.albums().remove("ann", "alb_2").value());
    return {};
  });
  EXPECT_EQ(titles("ann", ""), "\u00c9t\u00e9 2024=alb_1 ");
  EXPECT_EQ(titles("bob", "ete"), "\u00c9t\u00e9=alb_3 ");
}

TEST_P(SearchContract, FindsWhatIsThereInItsOrder) {
  for (const std::size_t more : {0, 1, 62, 1, 40, 2'000, 300}) {
    store(more);
    for (int count = 0; count < 12; ++count) {
      ASSERT_NO_FATAL_FAILURE(compare(random_query(), one_of<std::string>({"ann", "bob", "eve", ""})));
    }
    for (int count = 0; count < 20 && !all.empty(); ++count) change(all[random() % all.size()]);
    for (int count = 0; count < 5 && !all.empty(); ++count) remove(random() % all.size());
    for (int count = 0; count < 12; ++count) {
      ASSERT_NO_FATAL_FAILURE(compare(random_query(), one_of<std::string>({"ann", "bob", "eve", ""})));
    }
  }
}

TEST_P(SearchContract, AnImageThatIsNotToBeFoundKeepsItsPlace) {
  store(3);
  const SearchEntry hidden{all[1].id, ""};
  write([&](Transaction& transaction) { return transaction.searches().put({&hidden, 1}); });
  const std::string owner = all[1].document.owner_id;
  const SearchQuery everything;
  EXPECT_EQ(std::ranges::count(found(everything, owner, SearchOrder::kNewest, 9), all[1].id), 0);
  const SearchEntry shown{all[1].id, search_content(all[1].document)};
  write([&](Transaction& transaction) { return transaction.searches().put({&shown, 1}); });
  EXPECT_EQ(found(everything, owner, SearchOrder::kNewest, 9), expected(everything, owner, SearchOrder::kNewest));
}

TEST_P(SearchContract, WhatMarksSayWronglyIsNotShown) {
  store(1);
  SearchDocument lie = all[0].document;
  lie.visibility = Visibility::kPublic;
  lie.owner_id = "eve";
  const SearchEntry entry{all[0].id, search_content(lie)};
  all[0].document.visibility = Visibility::kPrivate;
  write([&](Transaction& transaction) -> Result<void> {
    if (auto updated = transaction.images().update(image_of(all[0])); !updated) return updated;
    return transaction.searches().put({&entry, 1});
  });
  EXPECT_TRUE(found(SearchQuery{}, "eve", SearchOrder::kNewest, 9).empty());
}

// Thousands of images of which marks alone say that they match: pages are short, and nothing is passed over.
TEST_P(SearchContract, APhraseThatHardlyEverStandsIsFoundAllTheSame) {
  std::vector<SearchEntry> entries;
  for (int number = 0; number < 2'500; ++number) {
    Known known{"img_" + std::to_string(number), {}};
    known.document.owner_id = "ann";
    known.document.title = number == 3 ? "one two three" : "two three one two";
    known.document.created_at_ms = number;
    entries.push_back({known.id, search_content(known.document)});
    all.push_back(std::move(known));
  }
  write([&](Transaction& transaction) -> Result<void> {
    for (const Known& known : all) {
      if (auto inserted = transaction.images().insert(image_of(known)); !inserted) return inserted;
    }
    return transaction.searches().put(entries);
  });
  compare("\"one two three\"", "ann");
  compare("-\"one two three\" -\"x y\"", "ann");
  compare("-\"two three one\"", "ann");
}

TEST_P(SearchContract, LooksAlikeByCopiesAndThenByDistance) {
  const auto add = [&](const std::string& id, const std::string& user_id, std::optional<std::uint64_t> hash,
                       const std::string& sha256, UnixMs created_at_ms) {
    Image image;
    image.id = id;
    image.user_id = user_id;
    image.object_key = "key-" + id;
    image.perceptual_hash = hash;
    image.sha256 = sha256;
    image.created_at_ms = created_at_ms;
    write([&](Transaction& transaction) { return transaction.images().insert(image); });
    return image;
  };
  constexpr std::uint64_t kHash = 0x8000'0000'0000'00ff;
  const Image asked = add("asked", "ann", kHash, "one", 1);
  add("copy", "ann", ~kHash, "one", 2);
  add("near", "ann", kHash ^ 0x7, "two", 3);
  add("nearer", "ann", kHash ^ 0x8000'0000'0000'0000, "three", 4);
  add("same", "ann", kHash, "four", 5);
  add("same-later", "ann", kHash, "five", 6);
  add("far", "ann", kHash ^ 0xf0f, "six", 7);
  add("unknown", "ann", std::nullopt, "seven", 8);
  add("foreign", "bob", kHash, "one", 9);
  const auto found = [&](const Image& image, int distance_max, int limit) {
    std::string ids;
    EXPECT_TRUE(database->read([&](Transaction& transaction) -> Result<void> {
      ids.clear();
      auto similar = transaction.searches().similar(image, distance_max, limit);
      if (!similar) return std::unexpected(similar.error());
      for (const SimilarImage& one : *similar) {
        ids += one.image.id + (one.is_copy ? "!" : std::to_string(one.distance)) + " ";
      }
      return {};
    }));
    return ids;
  };
  EXPECT_EQ(found(asked, 3, 9), "copy! same-later0 same0 nearer1 near3 ");
  EXPECT_EQ(found(asked, 2, 9), "copy! same-later0 same0 nearer1 ");
  EXPECT_EQ(found(asked, 16, 2), "copy! same-later0 ");
  Image without = asked;
  without.perceptual_hash.reset();
  EXPECT_EQ(found(without, 16, 9), "copy! ");
}

}  // namespace tintype
