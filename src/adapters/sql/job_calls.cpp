#include "adapters/sql/repositories.h"

namespace tintype::sql {

namespace {

JobCall call_of(const Row& row) {
  JobCall call;
  call.job_id = row.text(0);
  call.user_id = row.text(1);
  call.api_key_id = row.text(2);
  call.is_test = row.integer(3) != 0;
  call.inputs.picture = {row.text(4), row.text(5)};
  call.webhook_endpoint_id = row.text(6);
  call.webhook_events = WebhookEvents::of_bits(row.integer(7));
  call.metadata = row.text(8);
  call.input_width_px = row.number(9);
  call.input_height_px = row.number(10);
  call.inputs.mask = {row.text(11), row.text(12)};
  call.inputs.reference = {row.text(13), row.text(14)};
  call.inputs_gone = row.integer(15) != 0;
  return call;
}

}  // namespace

Result<void> SqlJobCalls::insert(const JobCall& call) {
  const auto& [picture, mask, reference] = call.inputs;
  return done(connection_.execute(
      "INSERT INTO job_calls (job_id, user_id, api_key_id, is_test, source_url, input_key, webhook_endpoint_id, "
      "webhook_events, metadata, input_width_px, input_height_px, mask_url, mask_key, reference_url, reference_key) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {call.job_id, call.user_id, null_if_empty(call.api_key_id), std::int64_t{call.is_test},
       null_if_empty(picture.source_url), null_if_empty(picture.object_key), null_if_empty(call.webhook_endpoint_id),
       call.webhook_events.bits(), call.metadata, std::int64_t{call.input_width_px}, std::int64_t{call.input_height_px},
       null_if_empty(mask.source_url), null_if_empty(mask.object_key), null_if_empty(reference.source_url),
       null_if_empty(reference.object_key)}));
}

Result<std::optional<JobCall>> SqlJobCalls::find(std::string_view job_id) {
  return find_one<JobCall>(connection_,
                           "SELECT job_id, user_id, api_key_id, is_test, source_url, input_key, webhook_endpoint_id, "
                           "webhook_events, metadata, input_width_px, input_height_px, mask_url, mask_key, "
                           "reference_url, reference_key, inputs_gone FROM job_calls WHERE job_id = ?",
                           "tttitttitiitttti", {job_id}, call_of);
}

Result<void> SqlJobCalls::set_input_size(std::string_view job_id, int width_px, int height_px) {
  return done(connection_.execute("UPDATE job_calls SET input_width_px = ?, input_height_px = ? WHERE job_id = ?",
                                  {std::int64_t{width_px}, std::int64_t{height_px}, job_id}));
}

Result<void> SqlJobCalls::clear_inputs(std::string_view job_id) {
  return done(
      connection_.execute("UPDATE job_calls SET input_key = NULL, mask_key = NULL, reference_key = NULL, "
                          "inputs_gone = 1 WHERE job_id = ?",
                          {job_id}));
}

Result<JobCallRepository::Unfinished> SqlJobCalls::count_unfinished(std::string_view user_id, Surface surface,
                                                                    std::string_view api_key_id) {
  const auto counted = find_one<Unfinished>(
      connection_,
      "SELECT COUNT(CASE WHEN c.is_test = 0 THEN 1 END), COUNT(CASE WHEN c.is_test <> 0 THEN 1 END), "
      "COUNT(CASE WHEN COALESCE(c.api_key_id, '') = ? THEN 1 END) "
      "FROM jobs j JOIN job_calls c ON c.job_id = j.id "
      "WHERE j.user_id = ? AND j.surface = ? AND j.finished_at_ms IS NULL",
      "iii", {api_key_id, user_id, surface_name(surface)},
      [](const Row& row) { return Unfinished{row.integer(0), row.integer(1), row.integer(2)}; });
  if (!counted) return std::unexpected(counted.error());
  return counted->value_or(Unfinished{});
}

}  // namespace tintype::sql
