// The networks in the folder of models.
#include <cstdio>

#include "cmd/commands.h"
#include "engine/model/model.h"

namespace tintype::cmd {

namespace {

std::filesystem::path directory_of(const Config& config) {
  return engine::models_directory(config.engine.models_directory);
}

void print(const engine::Manifest& manifest) {
  std::printf("%-12s x%d  %-8s %-12s %s\n", manifest.name.c_str(), manifest.scale, manifest.architecture.c_str(),
              manifest.licence.c_str(), manifest.description.c_str());
}

}  // namespace

int list_models(const Config& config) {
  const auto folder = engine::read_models(directory_of(config));
  if (!folder) return report(folder.error());
  for (const engine::Manifest& manifest : folder->models) print(manifest);
  for (const Error& error : folder->unreadable) report(error);
  return 0;
}

int verify_models(const Config& config) {
  const auto directory = directory_of(config);
  const auto folder = engine::read_models(directory);
  if (!folder) return report(folder.error());
  std::size_t failed = folder->unreadable.size();
  for (const engine::Manifest& manifest : folder->models) {
    print(manifest);
    const auto loaded = engine::load_model(directory, manifest, engine::kDenoiseDefault);
    std::printf("  %s\n", loaded ? "verified" : loaded.error().message.c_str());
    failed += loaded ? 0 : 1;
  }
  for (const Error& error : folder->unreadable) std::printf("%s\n", error.message.c_str());
  for (const std::string& name : folder->unnamed) std::printf("%s: no manifest names it\n", name.c_str());
  return failed > 0 ? 1 : 0;
}

int add_model(const Config& config, const engine::NewModel& model) {
  const auto added = engine::add_model(directory_of(config), model);
  if (!added) return report(added.error());
  std::printf("%s is there: %s, %d times each side\n", added->name.c_str(), added->architecture.c_str(), added->scale);
  return 0;
}

int remove_model(const Config& config, const std::string& name) {
  const auto removed = engine::remove_model(directory_of(config), name);
  if (!removed) return report(removed.error());
  std::printf("%s is gone\n", name.c_str());
  return 0;
}

}  // namespace tintype::cmd
