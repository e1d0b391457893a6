#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "domain/search_query.h"
#include "domain/search_words.h"

namespace tintype {
namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (const SearchWord& word : search_words(text)) words.push_back(word.text);
  return words;
}

using Words = std::vector<std::string>;

TEST(SearchWords, CaseMarksAndWidthMakeNoDifference) {
  EXPECT_EQ(words_of("Caf\u00e9 CAFE\u0301 cafe"), (Words{"cafe", "cafe", "cafe"}));
  EXPECT_EQ(words_of("Stra\u00dfe"), (Words{"strasse"}));
  EXPECT_EQ(words_of("\uff29\uff2d\uff27\uff11"), (Words{"img1"})) << "full width";
  EXPECT_EQ(words_of("x\u00b2"), (Words{"x2"}));
}

TEST(SearchWords, WhatIsNoLetterOrDigitParts) {
  EXPECT_EQ(words_of("IMG_0001.JPG (it's 2)"), (Words{"img", "0001", "jpg", "it", "s", "2"}));
  EXPECT_TRUE(words_of(" \t-_.,!?").empty());
  EXPECT_TRUE(words_of("broken \xff").empty());
}

TEST(SearchWords, WritingWithoutSpacesIsCutIntoItsCharacters) {
  EXPECT_EQ(words_of("\u6771\u4eac\u30bf\u30ef\u30fc2024"),
            (Words{"\u6771", "\u4eac", "\u30bf", "\u30ef", "\u30fc", "2024"}));
  EXPECT_EQ(words_of("\U0001F431cat"), (Words{"\U0001F431", "cat"})) << "symbols too";
}

TEST(SearchWords, AreBounded) {
  EXPECT_EQ(words_of(std::string(1'000, 'a')), (Words{std::string(kWordLettersMax, 'a')}));
  std::string many;
  for (int at = 0; at < 2'000; ++at) many += "w ";
  EXPECT_EQ(words_of(many).size(), kWordsPerTextMax);
}

TEST(SearchDocument, KeepsTheMarkOfTheBestField) {
  SearchDocument document;
  document.title = "Cat";
  document.description = "a cat and a dog";
  document.file_name = "dog.png";
  const auto marks = search_marks(search_content(document));
  const auto has = [&](std::string_view mark) { return std::ranges::count(marks, mark) == 1; };
  EXPECT_TRUE(has("cat=.1") && has("ca.1") && has("dog=.3") && has("and a.3") && has("png=.4"));
  EXPECT_FALSE(has("cat=.3") || has("dog=.4"));
  EXPECT_TRUE(std::ranges::is_sorted(marks));
  EXPECT_TRUE(search_marks("").empty());
}

TEST(SearchDocument, NoPhraseSpansTwoTags) {
  SearchDocument document;
  document.tags = {"one two", "three"};
  const std::string content = search_content(document);
  EXPECT_TRUE(content_has(content, {{"one", "two"}, false}));
  EXPECT_FALSE(content_has(content, {{"two", "three"}, false}));
  EXPECT_TRUE(content_has(content, {{"one", "tw"}, true}));
  EXPECT_FALSE(content_has(content, {{"ne", "two"}, false}));
}

TEST(SearchDocument, FiltersAskItsContentAsTheyAskItsMarks) {
  SearchDocument document;
  document.owner_id = "ann";
  document.title = "one :public";
  document.tags = {"one two"};
  document.width_px = 1'920;
  const std::string content = search_content(document);
  const auto passes = [&](const char* query) {
    const SearchPlan plan = with_bounds_as_marks(plan_search(parse_search(query).value(), "ann"));
    return std::ranges::all_of(plan.filters, [&](const auto& filter) { return passes_filter(filter, content); });
  };
  EXPECT_TRUE(passes("owner:me width:1000..2000 tag:\"one two\" -tag:one -width:1..1919"));
  EXPECT_FALSE(passes("width:1921..2000"));
  EXPECT_FALSE(passes("visibility:public"));
  EXPECT_FALSE(passes("-tag:\"one two\""));
  EXPECT_FALSE(passes_filter({{{":public", ":public"}}, false}, ""));
}

RC_GTEST_PROP(SearchDocument, WordsAskItsContentAsTheyAskItsMarks, ()) {
  const auto text = [] {
    std::string all;
    const auto words = *rc::gen::container<std::vector<std::string>>(
        rc::gen::element<std::string>("a", "ab", "abc", "ba", "b", "Café", "caffeine", "東京", "京都"));
    for (const std::string& word : words) all += word + " ";
    return all;
  };
  const SearchDocument document{.title = text(), .tags = {text(), text()}, .description = text(), .file_name = text()};
  const std::string content = search_content(document);
  const auto marks = search_marks(content);
  for (const char* word : {"a", "ab", "ab=", "abc=", "b", "b=", "ca", "caf", "cafe=", "caff", "東", "東=", "東 京",
                           "a b", "ab ba", "b abc", "京 都", "z"}) {
    const auto found = class_of_word(content, word);
    for (int field = 1; field <= kFieldClasses; ++field) {
      const bool is_marked = std::ranges::binary_search(marks, word + ("." + std::to_string(field)));
      RC_ASSERT(is_marked == (found && static_cast<int>(*found) == field));
    }
  }
}

// What a document of this number is marked with, and what a range of numbers asks for, meet where the number is in it.
RC_GTEST_PROP(SearchDocument, RangesFindExactlyTheirNumbers, ()) {
  const auto number = *rc::gen::element(SearchNumber::kWidth, SearchNumber::kHeight, SearchNumber::kCreated);
  const bool is_time = number == SearchNumber::kCreated;
  const auto any =
      is_time ? rc::gen::inRange<std::int64_t>(0, 4'102'444'800'000) : rc::gen::inRange<std::int64_t>(0, 999'999);
  const std::int64_t value = *any, from = *any;
  const std::int64_t to = *rc::gen::element(*any, from, value, from + 1'000, std::numeric_limits<std::int64_t>::max());
  SearchDocument document;
  if (number == SearchNumber::kWidth) document.width_px = static_cast<int>(value);
  if (number == SearchNumber::kHeight) document.height_px = static_cast<int>(value);
  if (is_time) document.created_at_ms = value;
  const auto marks = search_marks(search_content(document));
  int met = 0;
  for (const MarkRange& range : number_ranges(number, from, to)) {
    met += static_cast<int>(std::ranges::count_if(
        marks, [&](const std::string& mark) { return range.first <= mark && mark <= range.last; }));
  }
  RC_ASSERT(met == (from <= value && value <= to ? 1 : 0));
}

const SearchTerm& only_term(const Result<SearchQuery>& query) {
  static const SearchTerm none;
  return query && query->terms.size() == 1 ? query->terms.front() : none;
}

TEST(SearchQuery, ReadsTheContractsOwnExample) {
  const auto query = parse_search("cat tag:pets owner:me limit=50");
  ASSERT_TRUE(query);
  ASSERT_EQ(query->terms.size(), 3U);
  EXPECT_EQ(query->limit, 50);
  EXPECT_EQ(std::get<WordsTerm>(query->terms[0].what).patterns.front().words, Words{"cat"});
  EXPECT_EQ(std::get<TagTerm>(query->terms[1].what).tag, "pets");
  EXPECT_FALSE(std::get<OwnerTerm>(query->terms[2].what).user_id);
}

TEST(SearchQuery, ReadsEveryFilter) {
  EXPECT_EQ(std::get<TagTerm>(only_term(parse_search("TAG:\"two words\"")).what).tag, "two words");
  EXPECT_TRUE(only_term(parse_search("-album:alb_1")).is_excluded);
  EXPECT_EQ(std::get<OwnerTerm>(only_term(parse_search("owner:u1")).what).user_id, "u1");
  EXPECT_EQ(std::get<FormatTerm>(only_term(parse_search("format:JPG")).what).format, ImageFormat::kJpeg);
  EXPECT_EQ(std::get<VisibilityTerm>(only_term(parse_search("visibility:Public")).what).visibility,
            Visibility::kPublic);
  const auto number = [](std::string_view text) {
    const auto term = std::get<NumberTerm>(only_term(parse_search(text)).what);
    return std::pair(term.from, term.to);
  };
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(number("width:>2000"), std::pair(std::int64_t{2'001}, kMost));
  EXPECT_EQ(number("height:>=5"), std::pair(std::int64_t{5}, kMost));
  EXPECT_EQ(number("height:<=5"), std::pair(std::int64_t{0}, std::int64_t{5}));
  EXPECT_EQ(number("width:800..1200"), std::pair(std::int64_t{800}, std::int64_t{1'200}));
  EXPECT_EQ(number("width:800"), std::pair(std::int64_t{800}, std::int64_t{800}));
  EXPECT_EQ(number("after:1970-01-02").first, 86'400'000);
  EXPECT_EQ(number("after:1971").first, 365 * 86'400'000LL);
  EXPECT_EQ(number("after:1970-02").first, 31 * 86'400'000LL);
  EXPECT_EQ(number("before:1970-01-01T02:00:00.5+01:00").second, 3'600'500 - 1);
}

TEST(SearchQuery, BareWordsAreBegunAndQuotedOnesWhole) {
  const auto bare = std::get<WordsTerm>(only_term(parse_search("IMG_20")).what).patterns;
  ASSERT_EQ(bare.size(), 2U);
  EXPECT_TRUE(bare[1].is_prefix);
  const auto quoted = std::get<WordsTerm>(only_term(parse_search("\"IMG_20\"")).what).patterns;
  ASSERT_EQ(quoted.size(), 1U);
  EXPECT_EQ(quoted[0].words, (Words{"img", "20"}));
  EXPECT_FALSE(quoted[0].is_prefix);
  const auto mixed = std::get<WordsTerm>(only_term(parse_search("x\u6771\u4eac")).what).patterns;
  ASSERT_EQ(mixed.size(), 2U);
  EXPECT_EQ(mixed[1].words, (Words{"\u6771", "\u4eac"}));
  EXPECT_EQ(parse_search("12:30 & \u00a7")->terms.size(), 1U);
  EXPECT_TRUE(parse_search("")->terms.empty());
}

TEST(SearchQuery, PointsAtWhatItCannotRead) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"caf\u00e9 widht:3", "at character 6, 'widht:3': there is no filter 'widht'"},
      {"a \"b c", "at character 3"},
      {"cat width:wide", "at character 11, 'wide'"},
      {"tag: x", "at character 1, 'tag:': there is nothing behind the colon"},
      {"after:2024-13", "at character 7"},
      {"after:2023-02-29", "at character 7"},
      {"before:2024-01-01T25:00:00Z", "at character 8"},
      {"cat -", "at character 5"},
      {"limit=0", "at character 1"},
      {"format:psd", "at character 8, 'psd'"},
      {"visibility:secret", "at character 12"},
      {"???", "there is no letter or digit"},
      {"x\"y\"", "at character 2"},
  };
  for (const auto& [text, place] : mistakes) {
    const auto query = parse_search(text);
    ASSERT_FALSE(query) << text;
    EXPECT_EQ(query.error().code, ErrorCode::kInvalidInput);
    EXPECT_NE(query.error().message.find(place), std::string::npos) << query.error().message;
  }
  std::string many;
  for (std::size_t at = 0; at <= kQueryTermsMax; ++at) many += "w ";
  EXPECT_FALSE(parse_search(many));
  EXPECT_FALSE(parse_search(std::string(kQueryBytesMax + 1, 'a')));
}

TEST(SearchPlan, AlwaysAsksForWhatTheCallerMaySee) {
  const auto is_scope = [](const SearchPlan::Filter& filter) {
    return filter.any_of.size() == 2 && filter.any_of[0].first == ":public" && filter.any_of[1].first == ":owner:ann";
  };
  EXPECT_EQ(std::ranges::count_if(plan_search({}, "ann").filters, is_scope), 1);
  EXPECT_EQ(std::ranges::count_if(plan_search(*parse_search("owner:bob cat"), "ann").filters, is_scope), 1);
  EXPECT_EQ(plan_search({}, "").filters.at(0).any_of.size(), 1U);
}

}  // namespace
}  // namespace tintype
