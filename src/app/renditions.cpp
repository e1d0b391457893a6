#include "app/renditions.h"

#include <algorithm>

#include "app/object_keys.h"
#include "app/read.h"
#include "app/scratch.h"
#include "base/log.h"
#include "domain/rendition.h"

namespace tintype::app {

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kUsedMax = 4'096;  // uses that are noted between two flushes; more are forgotten
constexpr std::int64_t kRetrySeconds = 2;

std::string name_of(const VariantKey& key) {
  return spec_text({key.name, key.format});
}

std::unexpected<Error> took_too_long() {
  return fail(ErrorCode::kDeadlineExceeded, "This picture takes too long to make", "Please ask for a smaller one");
}

bool is_on_request(const std::string& name) {
  return name != kPublished && !is_display_variant(name);
}

}  // namespace

// Its mutex is that of its Renditions, but for `control`, which is atomic, and what never changes.
struct Renditions::Making {
  Making(const Image& of, const VariantKey& as) : image(of), key(as), name(of.id, name_of(as)) {}
  const Image image;
  const VariantKey key;
  const Name name;
  RunControl control;
  int tickets = 0;
  std::optional<Steady::time_point> began_at;  // when its turn came
  std::optional<Result<Variant>> outcome;
};

Renditions::Renditions(Database& database, ObjectStore& objects, ImageEngine& engine, Notifier& notifier,
                       const Clock& clock, Random& random, RenditionRules rules)
    : database_(database),
      objects_(objects),
      engine_(engine),
      notifier_(notifier),
      clock_(clock),
      random_(random),
      rules_(rules) {}

Renditions::~Renditions() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& [name, making] : makings_) making->control.cancel.store(true);
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

Result<std::optional<Variant>> Renditions::find(const Image& image, const VariantKey& key) {
  auto found = read(
      database_, [&](Transaction& transaction) { return transaction.variants().find(image.user_id, image.id, key); });
  if (!found) return std::unexpected(found.error());
  auto& variant = *found;
  if (!variant || variant->state != VariantState::kReady) return std::nullopt;
  const UnixMs now_ms = clock_.now_ms();
  if (is_on_request(key.name) && variant->used_at_ms + rules_.use_noted_ms <= now_ms) {
    const std::lock_guard lock(mutex_);
    const Name name(image.id, name_of(key));
    if (used_.size() < kUsedMax || used_.contains(name)) used_[name] = {key, now_ms};
  }
  return variant;
}

bool Renditions::is_under_way(const Image& image, const VariantKey& key) {
  const std::lock_guard lock(mutex_);
  return makings_.contains(Making(image, key).name);
}

Result<std::shared_ptr<Renditions::Ticket>> Renditions::make(const Image& image, const VariantKey& key) {
  const auto making = std::make_shared<Making>(image, key);
  std::shared_ptr<Making> joined;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = makings_.find(making->name); found != makings_.end()) {
      joined = found->second;
    } else if (stopping_ || waiting_.size() >= static_cast<std::size_t>(rules_.waiting_max)) {
      auto refused = fail(ErrorCode::kRateLimited, "Too many pictures are being made at the moment",
                          "Please try again in a moment");
      refused.error().retry_after_seconds = kRetrySeconds;
      return refused;
    } else {
      begin(making);
      joined = making;
    }
    ++joined->tickets;
  }
  wake_.notify_one();
  return std::make_shared<Ticket>(*this, std::move(joined));
}

// Holding the mutex.
void Renditions::begin(const std::shared_ptr<Making>& making) {
  makings_.emplace(making->name, making);
  waiting_.push_back(making);
  const bool is_thread_free = static_cast<std::size_t>(idle_) >= waiting_.size();
  if (!is_thread_free && threads_.size() < static_cast<std::size_t>(rules_.at_once_max)) {
    threads_.emplace_back([this] { render_all(); });
  }
}

Renditions::Ticket::Ticket(Renditions& renditions, std::shared_ptr<Making> making)
    : renditions_(renditions), making_(std::move(making)) {}

Renditions::Ticket::~Ticket() {
  renditions_.leave(*making_);
}

// Who asks for it after the last one has left starts anew.
void Renditions::leave(Making& making) {
  const std::lock_guard lock(mutex_);
  if (--making.tickets > 0 || making.outcome) return;
  making.control.cancel.store(true);
  std::erase_if(waiting_, [&](const auto& waiting) { return waiting.get() == &making; });
  const auto found = makings_.find(making.name);
  if (found != makings_.end() && found->second.get() == &making) makings_.erase(found);
}

// Whoever waits keeps the time as well, as nobody else has to.
std::optional<Result<Variant>> Renditions::outcome(const Ticket& ticket) {
  const std::lock_guard lock(mutex_);
  Making& making = *ticket.making_;
  if (making.outcome) return making.outcome;
  const auto bound = std::chrono::seconds(rules_.make_seconds_max);
  if (!making.began_at || Steady::now() < *making.began_at + bound) return std::nullopt;
  making.control.cancel.store(true);
  return took_too_long();
}

void Renditions::render_all() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    wake_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
    --idle_;
    if (stopping_) return;
    const std::shared_ptr<Making> making = waiting_.front();
    waiting_.pop_front();
    making->began_at = Steady::now();
    lock.unlock();
    render_one(*making);
    lock.lock();
  }
}

void Renditions::render_one(Making& making) {
  Result<Variant> outcome = fail_internal("a rendition was not made");
  try {
    outcome = produce(making);
  } catch (const std::exception& exception) {
    outcome = fail_internal(std::string("a rendition threw: ") + exception.what());
  }
  if (!outcome && outcome.error().code == ErrorCode::kCancelled) outcome = took_too_long();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - *making.began_at).count();
  if (outcome) {
    log(LogLevel::kInfo, "rendition_made",
        {{"image", making.image.id}, {"rendition", making.name.second}, {"bytes", outcome->size_bytes}, {"ms", ms}});
  } else {
    log(LogLevel::kWarning, "rendition_failed",
        {{"image", making.image.id},
         {"rendition", making.name.second},
         {"message", outcome.error().message},
         {"cause", outcome.error().cause},
         {"ms", ms}});
  }
  {
    const std::lock_guard lock(mutex_);
    making.outcome = std::move(outcome);
    const auto found = makings_.find(making.name);
    if (found != makings_.end() && found->second.get() == &making) makings_.erase(found);
  }
  notifier_.notify(rendition_topic(making.image.id, making.key));
}

Result<Variant> Renditions::produce(Making& making) {
  // Another may have made it between the asker's look and his turn.
  auto there = find(making.image, making.key);
  if (!there) return std::unexpected(there.error());
  if (*there) return std::move(**there);
  const ScratchFile output(scratch_folder(objects_) / new_id(random_, "rendition-"));
  const auto written = write(making, output.path());
  if (!written) return std::unexpected(written.error());
  Variant made;
  made.image_id = making.image.id;
  made.name = making.key.name;
  made.format = making.key.format;
  made.state = VariantState::kReady;
  made.width_px = written->width_px;
  made.height_px = written->height_px;
  made.size_bytes = written->size_bytes;
  made.object_key = variant_key(random_, making.image.id, making.key);
  made.created_at_ms = made.used_at_ms = clock_.now_ms();
  return keep(making, std::move(made), output.path());
}

Result<WrittenPicture> Renditions::write(Making& making, const std::filesystem::path& output) {
  const auto reader = objects_.open(making.image.object_key);
  if (!reader) return std::unexpected(reader.error());
  const auto input = ReadableFile::of(**reader, scratch_folder(objects_) / new_id(random_, "original-"));
  if (!input) return std::unexpected(input.error());
  if (making.key.name == kPublished) {
    auto stripped = engine_.strip(input->path(), output, making.control);
    if (stripped && stripped->format != making.key.format) return fail_internal("a published copy has another format");
    return stripped;
  }
  const auto recipe = parse_recipe(making.key.name);
  if (!recipe) return fail_internal("not a recipe: " + making.key.name);
  auto rendered = engine_.render({input->path(), {{*recipe, making.key.format, output}}}, making.control);
  if (!rendered) return std::unexpected(rendered.error());
  return rendered->renditions.front();
}

Result<Variant> Renditions::keep(const Making& making, Variant made, const std::filesystem::path& file) {
  const UnixMs now_ms = made.created_at_ms;
  auto written = database_.write(
      [&](Transaction& transaction) { return transaction.objects().begin_writing(made.object_key, now_ms); });
  if (!written) return std::unexpected(written.error());
  const auto put = objects_.put_file(made.object_key, file, image_format_media_type(made.format));
  if (!put) return std::unexpected(put.error());
  Variant kept;
  written = database_.write([&](Transaction& transaction) -> Result<void> {
    const auto image = transaction.images().find(making.image.user_id, making.image.id);
    if (!image) return std::unexpected(image.error());
    if (!*image) return fail(ErrorCode::kNotFound, "Image not found");
    auto other = transaction.variants().find(making.image.user_id, making.image.id, making.key);
    if (!other) return std::unexpected(other.error());
    if (*other && (*other)->state == VariantState::kReady) {
      // Another process was faster.
      kept = std::move(**other);
      return transaction.objects().mark_deleting(made.object_key, now_ms);
    }
    kept = made;
    if (auto live = transaction.objects().make_live(made.object_key, made.size_bytes, now_ms); !live) return live;
    if (auto named = transaction.variants().put(made); !named) return named;
    return drop_longest_unused(transaction, making.image);
  });
  if (written) return kept;
  // After an internal failure nobody knows whether the commit was done: then the janitor judges by the journal.
  if (written.error().code != ErrorCode::kInternal) static_cast<void>(objects_.remove(made.object_key));
  return std::unexpected(written.error());
}

Result<void> Renditions::drop_longest_unused(Transaction& transaction, const Image& image) {
  auto variants = transaction.variants().of_image(image.user_id, image.id);
  if (!variants) return std::unexpected(variants.error());
  std::erase_if(*variants, [](const Variant& variant) {
    return !is_on_request(variant.name) || variant.state != VariantState::kReady;
  });
  std::ranges::sort(*variants, {}, &Variant::used_at_ms);
  const std::size_t kept_max = static_cast<std::size_t>(rules_.per_image_max);
  const std::size_t dropped = variants->size() > kept_max ? variants->size() - kept_max : 0;
  for (const Variant& variant : std::span(*variants).first(dropped)) {
    const auto removed = transaction.variants().remove(image.id, variant.key());
    if (!removed) return std::unexpected(removed.error());
    auto marked = transaction.objects().mark_deleting(variant.object_key, clock_.now_ms());
    if (!marked) return marked;
  }
  return {};
}

Result<void> Renditions::flush() {
  std::map<Name, std::pair<VariantKey, UnixMs>> used;
  {
    const std::lock_guard lock(mutex_);
    used.swap(used_);
  }
  if (used.empty()) return {};
  return database_.write([&](Transaction& transaction) -> Result<void> {
    for (const auto& [name, use] : used) {
      auto marked = transaction.variants().mark_used(name.first, use.first, use.second);
      if (!marked) return marked;
    }
    return {};
  });
}

std::string rendition_topic(std::string_view image_id, const VariantKey& key) {
  return "rendition:" + std::string(image_id) + "/" + name_of(key);
}

}  // namespace tintype::app
