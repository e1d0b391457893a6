#include "worker/variants.h"

#include <deque>

#include "app/object_keys.h"
#include "app/scratch.h"

namespace tintype::worker {

Result<app::MadeVariants> VariantMaker::make(const Job& job, const std::filesystem::path& scratch,
                                             RunControl& control) {
  const auto variants = variants_from(job.parameters);
  if (!variants) return std::unexpected(variants.error());
  const auto image = work_.begin_variants(job);
  if (!image) return std::unexpected(image.error());
  const auto timed = [&](app::WorkStep step, auto act) {
    return app::timed(work_.figures(), job.operation, step, act);
  };
  const auto original = timed(app::WorkStep::kFetch, [&] {
    return app::ReadableFile::of(objects_, image->object_key, scratch.string() + ".in");
  });
  if (!original) return std::unexpected(original.error());

  app::MadeVariants made;
  std::deque<app::ScratchFile> owners;
  std::vector<std::filesystem::path> files;
  for (const VariantKey& key : *variants) {
    made.variants.push_back({key, {}, app::variant_key(random_, image->id, key)});
    owners.emplace_back(scratch.string() + ".out" + std::to_string(owners.size()));
    files.push_back(owners.back().path());
  }
  const auto drawn = timed(app::WorkStep::kEngine, [&] { return draw(original->path(), made, files, control); });
  if (!drawn) return std::unexpected(drawn.error());
  if (auto stored = timed(app::WorkStep::kStore, [&] { return store(made, files); }); !stored) {
    discard(made);
    return std::unexpected(stored.error());
  }
  return made;
}

Result<void> VariantMaker::draw(const std::filesystem::path& input, app::MadeVariants& made,
                                const std::vector<std::filesystem::path>& files, RunControl& control) {
  RenderRequest request{input, {}};
  std::vector<std::size_t> rendered;
  for (std::size_t at = 0; at < made.variants.size(); ++at) {
    const VariantKey& key = made.variants[at].key;
    if (const auto recipe = parse_recipe(key.name)) {
      request.renditions.push_back({*recipe, key.format, files[at]});
      rendered.push_back(at);
      continue;
    }
    const auto stripped = engine_.strip(input, files[at], control);
    if (!stripped) return std::unexpected(stripped.error());
    if (stripped->format != key.format) return fail_internal("the published copy has another format than was ordered");
    made.variants[at].picture = *stripped;
  }
  if (request.renditions.empty()) return {};
  auto outcome = engine_.render(request, control);
  if (!outcome) return std::unexpected(outcome.error());
  for (std::size_t at = 0; at < rendered.size(); ++at) {
    made.variants[rendered[at]].picture = outcome->renditions[at];
  }
  made.thumb_hash = std::move(outcome->thumb_hash);
  made.perceptual_hash = outcome->perceptual_hash;
  return {};
}

Result<void> VariantMaker::store(const app::MadeVariants& made, const std::vector<std::filesystem::path>& files) {
  std::vector<std::string> keys;
  for (const app::MadeVariant& variant : made.variants) keys.push_back(variant.object_key);
  if (auto begun = work_.begin_objects(keys); !begun) return begun;
  for (std::size_t at = 0; at < files.size(); ++at) {
    const auto put = objects_.put_file(keys[at], files[at], image_format_media_type(made.variants[at].key.format));
    if (!put) return std::unexpected(put.error());
  }
  return {};
}

void VariantMaker::discard(const app::MadeVariants& made) {
  for (const app::MadeVariant& variant : made.variants) static_cast<void>(objects_.remove(variant.object_key));
}

}  // namespace tintype::worker
