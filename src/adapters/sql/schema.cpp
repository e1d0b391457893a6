#include "adapters/sql/schema.h"

#include <array>

namespace tintype::sql {

namespace {

struct Migration {
  const char* name;
  // Separated by a semicolon at a line's end. $SEQUENCE is a growing primary key; a statement behind $SQLITE or
  // $POSTGRESQL is for that database alone.
  const char* statements;
};

// Times are Unix milliseconds, hashes hex text, states the names of the domain's enums. What the rules of the wallet
// forbid, the tables forbid too.
constexpr std::array kMigrations = {
    Migration{"0001_initial", R"sql(
CREATE TABLE users (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('user', 'admin')),
  plan TEXT NOT NULL,
  banned_at_ms BIGINT,
  created_at_ms BIGINT NOT NULL,
  updated_at_ms BIGINT NOT NULL
);
CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token_hash TEXT NOT NULL UNIQUE,
  created_at_ms BIGINT NOT NULL,
  expires_at_ms BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at_ms);
CREATE TABLE refresh_tokens (
  token_hash TEXT PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  created_at_ms BIGINT NOT NULL,
  expires_at_ms BIGINT NOT NULL,
  used_at_ms BIGINT
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);
CREATE TABLE wallets (
  user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  balance BIGINT NOT NULL,
  reserved BIGINT NOT NULL CHECK (reserved >= 0),
  regeneration_started_at_ms BIGINT,
  CHECK (balance >= reserved)
);
CREATE TABLE ledger_entries (
  sequence $SEQUENCE,
  id TEXT NOT NULL UNIQUE,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('initial', 'regeneration', 'capture', 'grant', 'removal')),
  amount BIGINT NOT NULL,
  balance_after BIGINT NOT NULL CHECK (balance_after >= 0),
  job_id TEXT,
  note TEXT NOT NULL,
  created_at_ms BIGINT NOT NULL
);
CREATE INDEX ledger_entries_user ON ledger_entries (user_id, created_at_ms, id);
CREATE UNIQUE INDEX ledger_entries_capture ON ledger_entries (job_id) WHERE kind = 'capture';
CREATE TABLE images (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  format TEXT NOT NULL,
  state TEXT NOT NULL,
  visibility TEXT NOT NULL,
  width_px BIGINT NOT NULL,
  height_px BIGINT NOT NULL,
  has_alpha BIGINT NOT NULL,
  size_bytes BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  object_key TEXT NOT NULL UNIQUE,
  view_count BIGINT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  updated_at_ms BIGINT NOT NULL
);
CREATE INDEX images_user ON images (user_id, created_at_ms, id);
CREATE TABLE albums (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  visibility TEXT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  updated_at_ms BIGINT NOT NULL
);
CREATE INDEX albums_user ON albums (user_id, created_at_ms, id);
CREATE TABLE album_images (
  sequence $SEQUENCE,
  album_id TEXT NOT NULL REFERENCES albums (id) ON DELETE CASCADE,
  image_id TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
  added_at_ms BIGINT NOT NULL,
  UNIQUE (album_id, image_id)
);
CREATE INDEX album_images_image ON album_images (image_id);
CREATE TABLE jobs (
  sequence $SEQUENCE,
  id TEXT NOT NULL UNIQUE,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  image_id TEXT REFERENCES images (id),
  batch_id TEXT,
  waits_for TEXT,
  surface TEXT NOT NULL,
  operation TEXT NOT NULL,
  parameters TEXT NOT NULL,
  tier TEXT,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  priority BIGINT NOT NULL,
  price BIGINT NOT NULL CHECK (price >= 0),
  attempt BIGINT NOT NULL,
  cancel_requested BIGINT NOT NULL,
  progress_permille BIGINT NOT NULL,
  run_after_ms BIGINT NOT NULL,
  lease_expires_at_ms BIGINT,
  fencing_token BIGINT NOT NULL,
  result_key TEXT,
  result_format TEXT,
  result_width_px BIGINT,
  result_height_px BIGINT,
  result_size_bytes BIGINT,
  result_sha256 TEXT,
  failure_code TEXT,
  failure_message TEXT,
  created_at_ms BIGINT NOT NULL,
  started_at_ms BIGINT,
  finished_at_ms BIGINT,
  updated_at_ms BIGINT NOT NULL
);
CREATE INDEX jobs_ready ON jobs (priority DESC, sequence) WHERE state = 'queued' AND waits_for IS NULL;
CREATE INDEX jobs_leases ON jobs (lease_expires_at_ms) WHERE state = 'running';
CREATE INDEX jobs_unfinished ON jobs (user_id) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_image ON jobs (image_id, created_at_ms);
CREATE INDEX jobs_batch ON jobs (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX jobs_waiting ON jobs (waits_for) WHERE waits_for IS NOT NULL;
CREATE INDEX jobs_result ON jobs (result_key) WHERE result_key IS NOT NULL;
CREATE TABLE reservations (
  job_id TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  tokens BIGINT NOT NULL CHECK (tokens >= 0),
  state TEXT NOT NULL CHECK (state IN ('open', 'captured', 'released'))
);
CREATE INDEX reservations_open ON reservations (user_id) WHERE state = 'open';
CREATE TABLE objects (
  key TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('writing', 'live', 'deleting')),
  size_bytes BIGINT NOT NULL,
  changed_at_ms BIGINT NOT NULL
);
CREATE INDEX objects_unsettled ON objects (changed_at_ms) WHERE state <> 'live';
CREATE TABLE idempotency_keys (
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  status BIGINT NOT NULL,
  body TEXT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at_ms)
)sql"},
    // The ledger is read in the order it was written: times may be equal, and ids say nothing.
    Migration{"0002_ledger_order", R"sql(
DROP INDEX ledger_entries_user;
CREATE INDEX ledger_entries_user ON ledger_entries (user_id, sequence)
)sql"},
    Migration{"0003_hosting", R"sql(
ALTER TABLE images ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE images ADD COLUMN thumb_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE images ADD COLUMN perceptual_hash BIGINT;
ALTER TABLE images ADD COLUMN deleted_at_ms BIGINT;
ALTER TABLE images ADD COLUMN deletes_at_ms BIGINT;
CREATE INDEX images_deleted ON images (deletes_at_ms) WHERE deletes_at_ms IS NOT NULL;
CREATE TABLE image_tags (
  image_id TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  tag TEXT NOT NULL,
  PRIMARY KEY (image_id, position)
);
CREATE TABLE upload_sessions (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  image_id TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('created', 'open', 'completed', 'aborted', 'expired')),
  mode TEXT NOT NULL CHECK (mode IN ('multipart', 'single')),
  object_key TEXT NOT NULL,
  staging_key TEXT,
  multipart_upload_id TEXT,
  total_bytes BIGINT,
  content_type TEXT NOT NULL,
  part_size_bytes BIGINT NOT NULL,
  client_sha256 TEXT,
  created_at_ms BIGINT NOT NULL,
  expires_at_ms BIGINT NOT NULL
);
CREATE INDEX upload_sessions_expiry ON upload_sessions (expires_at_ms);
CREATE INDEX upload_sessions_store ON upload_sessions (multipart_upload_id) WHERE multipart_upload_id IS NOT NULL;
CREATE INDEX upload_sessions_open ON upload_sessions (user_id) WHERE state IN ('created', 'open');
CREATE INDEX upload_sessions_single ON upload_sessions (created_at_ms) WHERE state = 'open' AND mode = 'single';
CREATE TABLE variants (
  image_id TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  format TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('processing', 'ready', 'failed')),
  width_px BIGINT NOT NULL,
  height_px BIGINT NOT NULL,
  size_bytes BIGINT NOT NULL,
  object_key TEXT,
  created_at_ms BIGINT NOT NULL,
  used_at_ms BIGINT NOT NULL,
  PRIMARY KEY (image_id, name, format)
);
CREATE INDEX variants_object ON variants (object_key) WHERE object_key IS NOT NULL;
CREATE TABLE shares (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  image_id TEXT REFERENCES images (id) ON DELETE CASCADE,
  album_id TEXT REFERENCES albums (id) ON DELETE CASCADE,
  token_hash TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'downloader')),
  password_hash TEXT,
  view_count BIGINT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  expires_at_ms BIGINT,
  revoked_at_ms BIGINT,
  CHECK ((image_id IS NULL) <> (album_id IS NULL))
);
CREATE INDEX shares_user ON shares (user_id, created_at_ms, id);
CREATE INDEX shares_image ON shares (image_id) WHERE image_id IS NOT NULL;
CREATE INDEX shares_album ON shares (album_id) WHERE album_id IS NOT NULL;
ALTER TABLE albums ADD COLUMN cover_image_id TEXT REFERENCES images (id) ON DELETE SET NULL;
ALTER TABLE album_images ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
UPDATE album_images SET position = sequence * 65536;
CREATE INDEX album_images_order ON album_images (album_id, position, image_id);
CREATE TABLE storage_usage (
  user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  bytes BIGINT NOT NULL CHECK (bytes >= 0),
  images BIGINT NOT NULL CHECK (images >= 0)
);
INSERT INTO storage_usage (user_id, bytes, images)
  SELECT u.id,
    CAST(COALESCE((SELECT SUM(i.size_bytes) FROM images i WHERE i.user_id = u.id), 0) +
      COALESCE((SELECT SUM(j.result_size_bytes) FROM jobs j WHERE j.user_id = u.id AND j.state = 'succeeded'), 0)
      AS BIGINT),
    (SELECT COUNT(*) FROM images i WHERE i.user_id = u.id)
  FROM users u
)sql"},
    // The sequence is an image's place in time. Images that were there before have no content yet: it is written by the
    // program (app/searches.h). What finds them is on PostgreSQL a GIN index over their marks, on SQLite the marks'
    // postings (adapters/sql/search_segments.h). Without "fastupdate", as what waits in that list is moved mark by
    // mark, and a query that excludes one finds an image meanwhile whose mark has not arrived yet.
    Migration{"0004_search", R"sql(
CREATE TABLE search_documents (
  sequence $SEQUENCE,
  image_id TEXT NOT NULL UNIQUE REFERENCES images (id) ON DELETE CASCADE,
  content TEXT
);
INSERT INTO search_documents (image_id) SELECT id FROM images ORDER BY created_at_ms, id;
$POSTGRESQL CREATE FUNCTION fingerprint_distance(BIGINT, BIGINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE
  AS 'SELECT bit_count(CAST($1 # $2 AS bit(64)))';
CREATE INDEX images_digest ON images (user_id, sha256, created_at_ms, id);
CREATE INDEX images_fingerprint ON images (user_id, perceptual_hash, created_at_ms, id)
  WHERE perceptual_hash IS NOT NULL;
CREATE INDEX search_documents_unwritten ON search_documents (sequence) WHERE content IS NULL;
$POSTGRESQL ALTER TABLE search_documents ADD COLUMN marks TSVECTOR;
$POSTGRESQL CREATE INDEX search_documents_marks ON search_documents USING GIN (marks) WITH (fastupdate = off);
$SQLITE CREATE TABLE search_postings (
  segment BIGINT NOT NULL,
  mark TEXT NOT NULL,
  postings TEXT NOT NULL,
  PRIMARY KEY (segment, mark)
) WITHOUT ROWID
)sql"},
    Migration{"0005_calls", R"sql(
CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  environment TEXT NOT NULL CHECK (environment IN ('live', 'test')),
  plan TEXT NOT NULL,
  scopes TEXT NOT NULL,
  key_hash TEXT NOT NULL UNIQUE,
  prefix TEXT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  expires_at_ms BIGINT,
  revoked_at_ms BIGINT,
  last_used_at_ms BIGINT
);
CREATE INDEX api_keys_user ON api_keys (user_id, created_at_ms, id);
CREATE INDEX api_keys_expiry ON api_keys (expires_at_ms) WHERE expires_at_ms IS NOT NULL;
CREATE INDEX api_keys_revoked ON api_keys (revoked_at_ms) WHERE revoked_at_ms IS NOT NULL;
CREATE TABLE webhook_endpoints (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  url TEXT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  disabled_at_ms BIGINT,
  disabled_reason TEXT NOT NULL,
  UNIQUE (user_id, url)
);
CREATE INDEX webhook_endpoints_user ON webhook_endpoints (user_id, created_at_ms, id);
CREATE TABLE webhook_secrets (
  id TEXT PRIMARY KEY,
  endpoint_id TEXT NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
  secret TEXT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  expires_at_ms BIGINT
);
CREATE INDEX webhook_secrets_endpoint ON webhook_secrets (endpoint_id, created_at_ms);
CREATE TABLE webhook_deliveries (
  sequence $SEQUENCE,
  id TEXT NOT NULL UNIQUE,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  endpoint_id TEXT NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
  job_id TEXT,
  event TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
  attempt BIGINT NOT NULL,
  next_attempt_at_ms BIGINT NOT NULL,
  last_status BIGINT NOT NULL,
  last_error TEXT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  attempted_at_ms BIGINT,
  ended_at_ms BIGINT
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_attempt_at_ms) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_next ON webhook_deliveries (next_attempt_at_ms) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_user ON webhook_deliveries (user_id, created_at_ms, id);
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (ended_at_ms) WHERE state <> 'pending';
CREATE TABLE job_calls (
  job_id TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  api_key_id TEXT,
  is_test BIGINT NOT NULL,
  source_url TEXT,
  input_key TEXT,
  webhook_endpoint_id TEXT,
  webhook_events BIGINT NOT NULL,
  metadata TEXT NOT NULL,
  input_width_px BIGINT NOT NULL,
  input_height_px BIGINT NOT NULL
);
CREATE INDEX job_calls_input ON job_calls (input_key) WHERE input_key IS NOT NULL;
CREATE INDEX jobs_called ON jobs (user_id, surface, created_at_ms, id) WHERE surface IN ('studio', 'upscale')
)sql"},
    // What jobs waited and took is read off the index of those that have ended.
    Migration{"0006_queue", R"sql(
CREATE TABLE queue_pauses (
  lane TEXT PRIMARY KEY CHECK (lane IN ('operations', 'background')),
  paused_at_ms BIGINT NOT NULL,
  paused_by TEXT NOT NULL
);
CREATE INDEX jobs_ended ON jobs (finished_at_ms, state, operation, run_after_ms, started_at_ms)
  WHERE finished_at_ms IS NOT NULL;
CREATE INDEX jobs_failed ON jobs (finished_at_ms) WHERE state = 'failed'
)sql"},
    Migration{"0007_jobs_without_image", R"sql(
CREATE INDEX jobs_without_image ON jobs (finished_at_ms)
  WHERE image_id IS NULL AND finished_at_ms IS NOT NULL AND surface IN ('studio', 'upscale')
)sql"},
    Migration{"0008_side_inputs", R"sql(
ALTER TABLE jobs ADD COLUMN result_details TEXT;
ALTER TABLE job_calls ADD COLUMN mask_url TEXT;
ALTER TABLE job_calls ADD COLUMN mask_key TEXT;
ALTER TABLE job_calls ADD COLUMN reference_url TEXT;
ALTER TABLE job_calls ADD COLUMN reference_key TEXT;
ALTER TABLE job_calls ADD COLUMN inputs_gone BIGINT NOT NULL DEFAULT 0;
CREATE INDEX job_calls_mask ON job_calls (mask_key) WHERE mask_key IS NOT NULL;
CREATE INDEX job_calls_reference ON job_calls (reference_key) WHERE reference_key IS NOT NULL
)sql"},
    Migration{"0009_turns", R"sql(
ALTER TABLE jobs ADD COLUMN turn BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN turn_end BIGINT NOT NULL DEFAULT 0;
DROP INDEX jobs_ready;
CREATE INDEX jobs_ready ON jobs (turn, sequence)
  WHERE state = 'queued' AND waits_for IS NULL AND priority > -10;
CREATE INDEX jobs_ready_background ON jobs (turn, sequence)
  WHERE state = 'queued' AND waits_for IS NULL AND priority <= -10;
DROP INDEX jobs_unfinished;
CREATE INDEX jobs_unfinished ON jobs (user_id, priority, turn_end) WHERE state IN ('queued', 'running')
)sql"},
    // The ledger has two kinds more, and whoever is no user has keys for idempotency too; SQLite changes neither in
    // place. Lists of operators read users off an index alone until they have a page. The indexes over jobs are for
    // statements that say their condition, which is true of all jobs, and change the plan of no other.
    Migration{"0010_administration", R"sql(
CREATE TABLE audit_log (
  sequence $SEQUENCE,
  id TEXT NOT NULL UNIQUE,
  at_ms BIGINT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  user_id TEXT,
  reason TEXT NOT NULL,
  state_before TEXT NOT NULL,
  state_after TEXT NOT NULL,
  request_id TEXT
);
CREATE INDEX audit_log_actor ON audit_log (actor, sequence);
CREATE INDEX audit_log_user ON audit_log (user_id, sequence) WHERE user_id IS NOT NULL;
$SQLITE CREATE TRIGGER audit_log_update BEFORE UPDATE ON audit_log
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
$SQLITE CREATE TRIGGER audit_log_delete BEFORE DELETE ON audit_log
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
$POSTGRESQL CREATE FUNCTION audit_log_stays() RETURNS trigger LANGUAGE plpgsql
  AS 'BEGIN RAISE EXCEPTION ''the audit log is append-only''; END';
$POSTGRESQL CREATE TRIGGER audit_log_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION audit_log_stays();
CREATE TABLE purchases (
  session_id TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('granted', 'unmatched')),
  user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
  payment_id TEXT,
  package TEXT NOT NULL,
  tokens BIGINT NOT NULL CHECK (tokens >= 0),
  tokens_due_back BIGINT NOT NULL CHECK (tokens_due_back BETWEEN 0 AND tokens),
  tokens_taken_back BIGINT NOT NULL CHECK (tokens_taken_back BETWEEN 0 AND tokens_due_back),
  created_at_ms BIGINT NOT NULL,
  CHECK (state <> 'granted' OR user_id IS NOT NULL)
);
CREATE INDEX purchases_payment ON purchases (payment_id) WHERE payment_id IS NOT NULL;
CREATE TABLE payment_refunds (
  payment_id TEXT PRIMARY KEY,
  amount BIGINT NOT NULL CHECK (amount > 0),
  amount_refunded BIGINT NOT NULL CHECK (amount_refunded BETWEEN 0 AND amount),
  updated_at_ms BIGINT NOT NULL
);
$SQLITE CREATE TABLE ledger_entries_new (
  sequence $SEQUENCE,
  id TEXT NOT NULL UNIQUE,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  kind TEXT NOT NULL
    CHECK (kind IN ('initial', 'regeneration', 'capture', 'grant', 'removal', 'purchase', 'reversal')),
  amount BIGINT NOT NULL,
  balance_after BIGINT NOT NULL CHECK (balance_after >= 0),
  job_id TEXT,
  note TEXT NOT NULL,
  created_at_ms BIGINT NOT NULL
);
$SQLITE INSERT INTO ledger_entries_new
  (sequence, id, user_id, kind, amount, balance_after, job_id, note, created_at_ms)
  SELECT sequence, id, user_id, kind, amount, balance_after, job_id, note, created_at_ms FROM ledger_entries;
$SQLITE DROP TABLE ledger_entries;
$SQLITE ALTER TABLE ledger_entries_new RENAME TO ledger_entries;
$SQLITE CREATE INDEX ledger_entries_user ON ledger_entries (user_id, sequence);
$SQLITE CREATE UNIQUE INDEX ledger_entries_capture ON ledger_entries (job_id) WHERE kind = 'capture';
$POSTGRESQL ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_kind_check;
$POSTGRESQL ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_kind_check
  CHECK (kind IN ('initial', 'regeneration', 'capture', 'grant', 'removal', 'purchase', 'reversal'));
CREATE INDEX ledger_entries_time ON ledger_entries (created_at_ms, kind, amount);
$SQLITE CREATE TABLE idempotency_keys_new (
  user_id TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  status BIGINT NOT NULL,
  body TEXT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  PRIMARY KEY (user_id, key)
);
$SQLITE INSERT INTO idempotency_keys_new (user_id, key, fingerprint, status, body, created_at_ms)
  SELECT user_id, key, fingerprint, status, body, created_at_ms FROM idempotency_keys;
$SQLITE DROP TABLE idempotency_keys;
$SQLITE ALTER TABLE idempotency_keys_new RENAME TO idempotency_keys;
$SQLITE CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at_ms);
$POSTGRESQL ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_user_id_fkey;
CREATE INDEX users_created ON users (created_at_ms, id, email);
CREATE INDEX users_active ON users (created_at_ms, id, email) WHERE banned_at_ms IS NULL;
CREATE INDEX users_banned ON users (created_at_ms, id, email) WHERE banned_at_ms IS NOT NULL;
CREATE INDEX jobs_submitted ON jobs (created_at_ms, id) WHERE price >= 0;
CREATE INDEX jobs_of_user ON jobs (user_id, created_at_ms, id) WHERE price >= 0
)sql"},
    Migration{"0011_batches", R"sql(
CREATE TABLE batches (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  operation TEXT NOT NULL,
  parameters TEXT NOT NULL,
  images_total BIGINT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'started', 'cancelled')),
  paused_at_ms BIGINT,
  created_at_ms BIGINT NOT NULL,
  started_at_ms BIGINT,
  updated_at_ms BIGINT NOT NULL
);
CREATE INDEX batches_user ON batches (user_id, created_at_ms, id);
CREATE INDEX batches_updated ON batches (updated_at_ms);
CREATE INDEX batches_cancelled ON batches (id) WHERE state = 'cancelled';
CREATE TABLE batch_images (
  batch_id TEXT NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  name TEXT NOT NULL,
  object_key TEXT NOT NULL,
  format TEXT NOT NULL,
  width_px BIGINT NOT NULL,
  height_px BIGINT NOT NULL,
  size_bytes BIGINT NOT NULL,
  job_id TEXT,
  PRIMARY KEY (batch_id, position)
);
CREATE INDEX batch_images_job ON batch_images (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX batch_images_object ON batch_images (object_key)
)sql"},
    Migration{"0012_provider_spending", R"sql(
CREATE TABLE provider_spending (
  day BIGINT PRIMARY KEY,
  micros BIGINT NOT NULL CHECK (micros >= 0)
)
)sql"},
    Migration{"0013_flows", R"sql(
CREATE INDEX jobs_flow ON jobs (user_id, priority, turn_end)
  WHERE (finished_at_ms IS NULL OR started_at_ms IS NOT NULL);
CREATE INDEX jobs_taken ON jobs (turn) WHERE started_at_ms IS NOT NULL AND priority > -10;
CREATE INDEX jobs_taken_background ON jobs (turn) WHERE started_at_ms IS NOT NULL AND priority <= -10;
DROP INDEX jobs_without_image;
CREATE INDEX jobs_without_image ON jobs (finished_at_ms)
  WHERE COALESCE(image_id, '') = '' AND finished_at_ms IS NOT NULL AND surface IN ('studio', 'upscale')
)sql"},
    Migration{"0014_session_uses", R"sql(
ALTER TABLE sessions ADD COLUMN last_used_at_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN remote_address TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';
UPDATE sessions SET last_used_at_ms = created_at_ms
)sql"},
    // Like those of administration, for statements that say their condition.
    Migration{"0015_jobs_of_users", R"sql(
CREATE INDEX jobs_shown ON jobs (user_id, created_at_ms, id) WHERE operation <> 'variants' AND price >= 0;
CREATE INDEX jobs_shown_open ON jobs (user_id, created_at_ms, id)
  WHERE operation <> 'variants' AND price >= 0 AND state IN ('queued', 'running')
)sql"},
    Migration{"0016_activity", R"sql(
CREATE TABLE job_days (
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  day BIGINT NOT NULL,
  operation TEXT NOT NULL,
  succeeded BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  tokens BIGINT NOT NULL,
  PRIMARY KEY (user_id, day, operation)
);
CREATE TABLE token_days (
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  day BIGINT NOT NULL,
  spent BIGINT NOT NULL,
  received BIGINT NOT NULL,
  PRIMARY KEY (user_id, day)
);
INSERT INTO job_days (user_id, day, operation, succeeded, failed, tokens)
  SELECT user_id, finished_at_ms / 86400000, operation, SUM(CASE WHEN state = 'succeeded' THEN 1 ELSE 0 END),
    SUM(CASE WHEN state = 'failed' THEN 1 ELSE 0 END), SUM(CASE WHEN state = 'succeeded' THEN price ELSE 0 END)
  FROM jobs WHERE state IN ('succeeded', 'failed') AND operation <> 'variants'
  GROUP BY user_id, finished_at_ms / 86400000, operation;
INSERT INTO token_days (user_id, day, spent, received)
  SELECT user_id, created_at_ms / 86400000, SUM(CASE WHEN kind = 'capture' THEN -amount ELSE 0 END),
    SUM(CASE WHEN amount > 0 THEN amount ELSE 0 END)
  FROM ledger_entries WHERE kind = 'capture' OR amount > 0 GROUP BY user_id, created_at_ms / 86400000
)sql"},
    Migration{"0017_settings", R"sql(
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  updated_at_ms BIGINT NOT NULL
)
)sql"},
    // Terms compare by their bytes, as prefixes are ranges. What is older than this is counted by the program
    // (app/searches.h).
    Migration{"0018_search_terms", R"sql(
CREATE TABLE search_terms (
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('tag', 'word', 'album')),
  term TEXT NOT NULL,
  id TEXT NOT NULL,
  label TEXT NOT NULL,
  weight BIGINT NOT NULL,
  PRIMARY KEY (user_id, kind, term, id)
);
$POSTGRESQL ALTER TABLE search_terms ALTER COLUMN term TYPE TEXT COLLATE "C";
CREATE INDEX search_terms_weight ON search_terms (user_id, kind, weight);
CREATE INDEX search_terms_album ON search_terms (id) WHERE kind = 'album';
ALTER TABLE search_documents ADD COLUMN terms_counted BIGINT NOT NULL DEFAULT 1;
UPDATE search_documents SET terms_counted = 0 WHERE content <> '';
CREATE INDEX search_documents_uncounted ON search_documents (sequence) WHERE terms_counted = 0;
ALTER TABLE albums ADD COLUMN title_known BIGINT NOT NULL DEFAULT 1;
UPDATE albums SET title_known = 0;
CREATE INDEX albums_unknown ON albums (id) WHERE title_known = 0
)sql"},
    // A job is written three times on its way: its indexes hold what lists and turns are found by, and follow what
    // changes at its start and end alone. One that gave up its turn has no end of it.
    Migration{"0019_lighter_jobs", R"sql(
UPDATE jobs SET turn_end = 0 WHERE state = 'cancelled' AND started_at_ms IS NULL;
DROP INDEX jobs_flow;
CREATE INDEX jobs_flow ON jobs (user_id, priority, turn_end);
DROP INDEX jobs_unfinished;
DROP INDEX jobs_shown_open;
CREATE INDEX jobs_unfinished ON jobs (user_id, created_at_ms, id) WHERE finished_at_ms IS NULL;
DROP INDEX jobs_image;
CREATE INDEX jobs_image ON jobs (image_id, created_at_ms) WHERE image_id IS NOT NULL;
CREATE INDEX jobs_later ON jobs (run_after_ms)
  WHERE state = 'queued' AND waits_for IS NULL AND run_after_ms > created_at_ms
)sql"},
    // Lists of what is rare among much else. The one over jobs says its condition as those of administration do.
    Migration{"0020_rare_ones", R"sql(
CREATE INDEX ledger_entries_kind ON ledger_entries (user_id, kind, sequence);
CREATE INDEX jobs_of_operation ON jobs (operation, created_at_ms, id) WHERE price >= 0
)sql"},
    Migration{"0021_image_faults", R"sql(
ALTER TABLE images ADD COLUMN fault_code TEXT;
ALTER TABLE images ADD COLUMN fault_message TEXT
)sql"},
    // What a user waits for is counted at each submit, and a batch of theirs may have hundreds that do not count.
    Migration{"0022_jobs_alone", R"sql(
CREATE INDEX jobs_alone ON jobs (user_id)
  WHERE finished_at_ms IS NULL AND operation <> 'variants' AND (batch_id IS NULL OR surface <> 'studio')
)sql"},
};

Result<std::vector<std::string>> applied_migrations(Connection& connection) {
  // The table is made by migrate(); before that nothing was applied.
  bool there = false;
  const char* exists = connection.dialect() == Dialect::kSqlite
                           ? "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'"
                           : "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema() "
                             "AND table_name = 'schema_migrations'";
  std::vector<std::string> names;
  auto found = connection.query(exists, "i", {}, [&](const Row& row) { there = row.integer(0) > 0; });
  if (found && there) {
    found = connection.query("SELECT name FROM schema_migrations ORDER BY name", "t", {},
                             [&](const Row& row) { names.push_back(row.text(0)); });
  }
  if (!found) return std::unexpected(found.error());
  return names;
}

std::string replaced(std::string text, std::string_view word, std::string_view with) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + with.size())) {
    text.replace(at, word.size(), with);
  }
  return text;
}

// The statement without the name of the database that it is for; nothing when it is for the other one.
std::optional<std::string> statement_for(Dialect dialect, std::string_view statement) {
  statement.remove_prefix(std::min(statement.find_first_not_of('\n'), statement.size()));
  for (const auto& [name, named] : {std::pair(std::string_view("$SQLITE "), Dialect::kSqlite),
                                    std::pair(std::string_view("$POSTGRESQL "), Dialect::kPostgresql)}) {
    if (!statement.starts_with(name)) continue;
    if (named != dialect) return std::nullopt;
    statement.remove_prefix(name.size());
  }
  return std::string(statement);
}

Result<void> apply(Connection& connection, const Migration& migration) {
  const std::string text =
      replaced(migration.statements, "$SEQUENCE",
               connection.dialect() == Dialect::kSqlite ? "INTEGER PRIMARY KEY AUTOINCREMENT"
                                                        : "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY");
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(";\n", begin), text.size());
    const auto statement = statement_for(connection.dialect(), std::string_view(text).substr(begin, end - begin));
    if (statement) {
      if (auto ran = connection.run(*statement); !ran) return ran;
    }
    begin = end + 2;
  }
  auto noted = connection.execute("INSERT INTO schema_migrations (name) VALUES (?)", {migration.name});
  if (!noted) return std::unexpected(noted.error());
  return {};
}

}  // namespace

Result<std::vector<std::string>> pending_migrations(Connection& connection) {
  auto applied = applied_migrations(connection);
  if (!applied) return applied;
  std::vector<std::string> pending;
  for (const Migration& migration : kMigrations) {
    if (std::find(applied->begin(), applied->end(), migration.name) == applied->end()) {
      pending.emplace_back(migration.name);
    }
  }
  return pending;
}

Result<void> migrate(Connection& connection) {
  if (auto made = connection.run("CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY)"); !made) {
    return made;
  }
  const auto pending = pending_migrations(connection);
  if (!pending) return std::unexpected(pending.error());
  for (const Migration& migration : kMigrations) {
    if (std::find(pending->begin(), pending->end(), migration.name) == pending->end()) continue;
    if (auto applied = apply(connection, migration); !applied) return applied;
  }
  return {};
}

Result<void> check_schema(Connection& connection) {
  const auto applied = applied_migrations(connection);
  if (!applied) return std::unexpected(applied.error());
  if (applied->size() < kMigrations.size()) return fail_internal("the schema is older than the program: run migrate");
  if (applied->size() > kMigrations.size()) return fail_internal("the schema is newer than the program");
  return {};
}

}  // namespace tintype::sql
