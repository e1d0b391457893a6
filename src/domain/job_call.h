// What a program said with a job beside its operation. Jobs of the upscale and the studio surface have one.
#pragma once

#include <optional>
#include <string>

#include "domain/webhook.h"

namespace tintype {

// Where a picture is that a job needs: at a URL that a user named, or in the store. At most one of the two.
struct InputPlace {
  std::string source_url;
  std::string object_key;
  bool is_there() const { return !source_url.empty() || !object_key.empty(); }
};

struct JobCall {
  std::string job_id;
  std::string user_id;
  std::string api_key_id;           // empty: a session's
  bool is_test = false;             // by a test key
  std::string source_url;           // where the picture is fetched from; empty when the job has an image or a file
  std::string input_key;            // the object of a file that came with the call; it goes when the job has ended
  InputPlace mask, reference;       // of operations that take them; their objects go when the job has ended, too
  bool inputs_gone = false;         // objects that came with the call have gone: it cannot run again
  std::string webhook_endpoint_id;  // empty: nobody is told
  WebhookEvents webhook_events;
  std::string metadata;  // a JSON object of strings, handed back as it came; empty: none
  // The picture's sides once they are known; 0 before.
  int input_width_px = 0;
  int input_height_px = 0;
};

}  // namespace tintype
