// What a program said with a job beside its operation. Jobs of the upscale and the studio surface have one.
#pragma once

#include <string>
#include <vector>

#include "domain/webhook.h"

namespace tintype {

// Where a picture is that a job needs: at a URL that a user named, or in the store. At most one of the two.
struct InputPlace {
  std::string source_url;
  std::string object_key;
  bool is_there() const { return !source_url.empty() || !object_key.empty(); }
};

// A job's pictures. One that it has none of is nowhere.
struct JobInputs {
  InputPlace picture, mask, reference;

  std::vector<std::string> object_keys() const {
    std::vector<std::string> keys;
    for (const InputPlace* place : {&picture, &mask, &reference}) {
      if (!place->object_key.empty()) keys.push_back(place->object_key);
    }
    return keys;
  }
};

struct JobCall {
  std::string job_id;
  std::string user_id;
  std::string api_key_id;           // empty: a session's
  bool is_test = false;             // by a test key
  JobInputs inputs;                 // no picture where the job has an image; objects go when the job has ended
  bool inputs_gone = false;         // objects that came with the call have gone: it cannot run again
  std::string webhook_endpoint_id;  // empty: nobody is told
  WebhookEvents webhook_events;
  std::string metadata;  // a JSON object of strings, handed back as it came; empty: none
  // The picture's sides once they are known; 0 before.
  int input_width_px = 0;
  int input_height_px = 0;
};

}  // namespace tintype
