#include "domain/search_suggestion.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "domain/search_document.h"
#include "domain/search_query.h"

namespace tintype {
namespace {

std::vector<std::string> queries_of(std::string_view query) {
  const auto term = unfinished_term(query);
  if (!term) return {"over"};
  std::vector<std::string> queries;
  for (const Suggestion& one : language_suggestions(*term)) queries.push_back(one.query);
  return queries;
}

using Texts = std::vector<std::string>;

TEST(SearchSuggestion, TheLastTermIsTheUnfinishedOne) {
  const auto plain = unfinished_term("tag:\"two words\" -ca").value();
  EXPECT_EQ(plain.before, "tag:\"two words\" -");
  EXPECT_EQ(plain.filter, "");
  EXPECT_EQ(plain.text, "ca");
  const auto quoted = unfinished_term("cat TAG:\"two w").value();
  EXPECT_EQ(quoted.before, "cat ");
  EXPECT_EQ(quoted.filter, "tag");
  EXPECT_EQ(quoted.text, "two w");
  EXPECT_TRUE(quoted.is_quoted);
  EXPECT_EQ(unfinished_term("cat ")->text, "") << "a new one begins behind the space";
  EXPECT_EQ(unfinished_term("")->before, "");
  EXPECT_FALSE(unfinished_term("\"my cat\"")) << "it is over";
  EXPECT_FALSE(unfinished_term("tag:\"my cat\""));
  EXPECT_FALSE(unfinished_term("nothing:x")) << "there is no such filter";
  EXPECT_FALSE(unfinished_term("my\"cat"));
}

TEST(SearchSuggestion, TheLanguageCompletesItsOwnNamesAndValues) {
  EXPECT_EQ(queries_of("cat a"), (Texts{"cat album:", "cat after:", "cat format:avif"}));
  EXPECT_EQ(queries_of("-T"), (Texts{"-tag:", "-format:tiff"}));
  EXPECT_EQ(queries_of("format:p"), (Texts{"format:png"}));
  EXPECT_EQ(queries_of("visibility:"), (Texts{"visibility:private", "visibility:public"}));
  EXPECT_EQ(queries_of("owner:m"), (Texts{"owner:me"}));
  EXPECT_EQ(queries_of("width:>"), Texts());
  EXPECT_EQ(queries_of("\"a"), Texts());
  EXPECT_EQ(queries_of("\"a\""), Texts{"over"});
}

TEST(SearchSuggestion, EveryFilterThatIsOfferedIsOneOfTheLanguage) {
  const Texts offered = queries_of("");
  EXPECT_EQ(offered.size(), 9U);
  for (const std::string& name : offered) {
    const auto read = parse_search(name + "2");
    EXPECT_TRUE(read || read.error().message.find("there is no filter") == std::string::npos) << name;
  }
}

TEST(SearchSuggestion, WhatIsKnownIsWrittenSoThatItIsFound) {
  const auto term = unfinished_term("owner:me ci").value();
  EXPECT_EQ(suggestion_of(term, KnownKind::kTag, {"city", "City", ""}).query, "owner:me tag:City");
  EXPECT_EQ(suggestion_of(term, KnownKind::kTag, {"city lights", "City lights", ""}).query,
            "owner:me tag:\"City lights\"");
  EXPECT_EQ(suggestion_of(term, KnownKind::kTag, {"city lights", "City \"lights\"", ""}).query,
            "owner:me tag:\"city lights\"");
  EXPECT_EQ(suggestion_of(term, KnownKind::kAlbum, {"city", "City", "alb_1"}).query, "owner:me album:alb_1");
  EXPECT_EQ(suggestion_of(term, KnownKind::kWord, {"city", "city", ""}).query, "owner:me city");
  const auto asked = [](std::string_view query) { return kinds_wanted(unfinished_term(query).value()); };
  EXPECT_EQ(asked("ci"), (std::vector{KnownKind::kTag, KnownKind::kAlbum, KnownKind::kWord}));
  EXPECT_EQ(asked("tag:"), (std::vector{KnownKind::kTag}));
  EXPECT_EQ(asked("album:\"my a"), (std::vector{KnownKind::kAlbum}));
  EXPECT_EQ(asked("ci-ty"), (std::vector{KnownKind::kTag, KnownKind::kAlbum}));
  EXPECT_TRUE(asked("format:p").empty());
}

TEST(SearchSuggestion, AContentsTermsAreItsTagsAndItsTitlesWords) {
  SearchDocument document;
  document.owner_id = "ann";
  document.title = "A Caf\u00e9 in the caf\u00e9";
  document.tags = {"Two  Words", "!!", "two words"};
  document.description = "nothing of this";
  const std::string content = search_content(document);
  EXPECT_EQ(content_owner(content), "ann");
  EXPECT_EQ(content_terms(content), (std::vector<ContentTerm>{{KnownKind::kTag, "!!"},
                                                              {KnownKind::kTag, "two words"},
                                                              {KnownKind::kWord, "cafe"},
                                                              {KnownKind::kWord, "in"},
                                                              {KnownKind::kWord, "the"}}));
  EXPECT_TRUE(content_terms("").empty());
  EXPECT_EQ(content_owner(""), "");
}

}  // namespace
}  // namespace tintype
