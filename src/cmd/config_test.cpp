#include "cmd/config.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace tintype::cmd {
namespace {

// A file of this test, and an environment that is as it was when the test ends.
class ConfigTest : public testing::Test {
 protected:
  ConfigTest() : file_(std::filesystem::temp_directory_path() / ("tintype-config-" + std::to_string(::getpid()))) {}
  ~ConfigTest() override {
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
    for (const std::string& variable : variables_) ::unsetenv(variable.c_str());
  }
  ConfigSources with_file(const std::string& text, std::vector<std::string> overrides = {}) {
    std::ofstream(file_) << text;
    return {file_, std::move(overrides)};
  }
  void set_variable(const std::string& name, const char* value) {
    ::setenv(name.c_str(), value, 1);
    variables_.push_back(name);
  }
  static std::string refusal(const ConfigSources& sources) {
    const auto config = load_config(sources);
    return config ? "" : config.error().message;
  }

  std::filesystem::path file_;
  std::vector<std::string> variables_;
};

TEST_F(ConfigTest, TheStrongestSourceWins) {
  set_variable("TINTYPE_WALLET__INITIAL", "2");
  set_variable("TINTYPE_WALLET__MAXIMUM", "2");
  const auto config =
      load_config(with_file("[wallet]\ninitial = 1\nmaximum = 1\nprice_1k = 1\n", {"wallet.initial=3"}));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->wallet.initial, 3);
  EXPECT_EQ(config->wallet.maximum, 2);
  EXPECT_EQ(config->wallet.price_1k, 1);
  EXPECT_EQ(config->wallet.price_2k, 5);
  EXPECT_EQ(config->sources.at("wallet.initial"), "--set");
  EXPECT_EQ(config->sources.at("wallet.maximum"), "TINTYPE_WALLET__MAXIMUM");
  EXPECT_EQ(config->sources.at("wallet.price_1k"), file_.string());
  EXPECT_FALSE(config->sources.contains("wallet.price_2k"));
}

TEST_F(ConfigTest, UnknownKeysAreNamed) {
  EXPECT_NE(refusal({{}, {"wallet.inital=3"}}).find("wallet.inital"), std::string::npos);
  EXPECT_NE(refusal({{}, {"wallet.initial"}}).find("wallet.initial"), std::string::npos);
  EXPECT_NE(refusal({{}, {"=3"}}), "");
  EXPECT_NE(refusal(with_file("[walet]\ninitial = 1\n")).find("walet.initial"), std::string::npos);
  EXPECT_NE(refusal(with_file("initial = 1\n")).find("initial"), std::string::npos);
}

TEST_F(ConfigTest, BadValuesNameKeyAndSource) {
  for (const std::string& pair :
       {std::string("wallet.initial=-1"), std::string("wallet.initial="), std::string("wallet.initial=1.5"),
        std::string("wallet.initial=99999999999999999999"), std::string("server.pool_threads=0"),
        std::string("limits.enabled=yes"), std::string("log.level=loud"), std::string("auth.signup=maybe"),
        std::string("engine.jpeg_quality=101")}) {
    const std::string message = refusal({{}, {pair}});
    EXPECT_TRUE(message.starts_with(pair.substr(0, pair.find('=')) + " (--set) must be ")) << pair << ": " << message;
  }
  set_variable("TINTYPE_WALLET__INITIAL", "many");
  EXPECT_TRUE(refusal({}).starts_with("wallet.initial (TINTYPE_WALLET__INITIAL) must be "));
}

TEST_F(ConfigTest, AFileHasTheTypeOfEachKey) {
  for (const char* text : {"[wallet]\ninitial = \"1\"\n", "[wallet]\ninitial = 1.0\n", "[limits]\nenabled = \"true\"\n",
                           "[server]\nlisten = 3000\n", "[server]\nlisten = [\"a\"]\n", "[cors]\norigins = [1]\n"}) {
    EXPECT_NE(refusal(with_file(text)).find(file_.string()), std::string::npos) << text;
  }
  EXPECT_NE(refusal(with_file("[wallet\n")), "");
  const auto config = load_config(with_file("[cors]\norigins = [\"https://a.example\", \"https://b.example\"]\n"));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->cors.origins, "https://a.example,https://b.example");
}

TEST_F(ConfigTest, ValuesHaveToFitEachOther) {
  EXPECT_NE(refusal({{}, {"jobs.lease_seconds=5"}}), "");
  EXPECT_EQ(refusal({{}, {"jobs.lease_seconds=6"}}), "");
  EXPECT_NE(refusal({{}, {"cors.origins=*", "cors.credentials=true"}}), "");
}

TEST_F(ConfigTest, WhatIsPrintedCanBeReadAndShowsNoSecret) {
  const auto config =
      load_config({{}, {"auth.admin_key=hunter2hunter2", "database.url=sqlite:/a \"b\"\\c\n.db", "wallet.initial=7"}});
  ASSERT_TRUE(config);
  const std::string text = describe(*config);
  EXPECT_EQ(text.find("hunter2"), std::string::npos);
  EXPECT_NE(text.find("(from --set)"), std::string::npos);
  const auto again = load_config(with_file(text));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->wallet.initial, 7);
  EXPECT_EQ(again->database.url, config->database.url);
  EXPECT_EQ(again->auth.admin_key, "") << "a mask is no key";
}

TEST_F(ConfigTest, SettingsSayWhatTheyAreAndWhereTheyAreFrom) {
  const auto config = load_config({{}, {"auth.admin_key=hunter2hunter2", "database.url=postgresql://me:hunter2@db/t"}});
  ASSERT_TRUE(config);
  std::map<std::string, Setting> by_name;
  for (Setting& setting : settings_of(*config)) by_name[setting.name] = setting;
  const Setting& key = by_name.at("auth.admin_key");
  EXPECT_EQ(std::tuple(key.value, key.fallback, key.source, key.is_secret),
            std::tuple("[masked]", "", "command", true));
  EXPECT_EQ(by_name.at("database.url").value, "[masked]");
  EXPECT_TRUE(by_name.at("database.url").is_secret);
  const Setting& initial = by_name.at("wallet.initial");
  EXPECT_EQ(std::tuple(initial.value, initial.fallback, initial.source, initial.is_secret),
            std::tuple("100", "100", "default", false));
  EXPECT_NE(initial.meaning, "");
  EXPECT_EQ(by_name.at("limits.enabled").value, "true");
  EXPECT_EQ(by_name.at("auth.jwt_secret").value, "") << "nothing is masked where nothing is set";
  EXPECT_TRUE(by_name.at("auth.jwt_secret").is_secret);
}

TEST_F(ConfigTest, SettingsOfAFileAreToldFromThoseOfTheEnvironment) {
  ::setenv("TINTYPE_WALLET__MAXIMUM", "50", 1);
  const auto config = load_config(with_file("[wallet]\ninitial = 7\nmaximum = 8\n"));
  ::unsetenv("TINTYPE_WALLET__MAXIMUM");
  ASSERT_TRUE(config);
  std::map<std::string, std::string> sources;
  for (Setting& setting : settings_of(*config)) sources[setting.name] = setting.source;
  EXPECT_EQ(sources.at("wallet.initial"), "file");
  EXPECT_EQ(sources.at("wallet.maximum"), "environment");
}

TEST_F(ConfigTest, APasswordInAUrlIsASecret) {
  const auto config = load_config({{}, {"database.url=postgresql://me:hunter2@db.example/tintype"}});
  ASSERT_TRUE(config);
  EXPECT_EQ(describe(*config).find("hunter2"), std::string::npos);
}

TEST_F(ConfigTest, TheDefaultsAreWithinTheirBounds) {
  const auto config = load_config(with_file(describe(Config{})));
  EXPECT_TRUE(config) << config.error().message;
}

}  // namespace
}  // namespace tintype::cmd
