// What a picture's file says of how it was taken, in its own words: nobody has checked any of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tintype {

struct PhotoPlace {
  double latitude = 0;   // degrees, north positive
  double longitude = 0;  // degrees, east positive
  std::optional<double> altitude_m;
};

struct PhotoExposure {
  std::optional<double> time_seconds;
  std::optional<double> f_number;
  std::optional<double> iso;
  std::optional<double> focal_length_mm;
  std::optional<double> focal_length_35mm;  // what shows as much on 24 x 36 mm
};

// One tag as text: valid UTF-8 of few bytes.
struct PhotoField {
  std::string name;
  std::string value;
};

// Texts are empty where the file says nothing.
struct PhotoMetadata {
  std::string taken_at;  // ISO 8601 without a zone: the time of the camera's own clock
  std::string make;
  std::string model;
  std::string lens;
  std::string software;
  PhotoExposure exposure;
  std::optional<bool> flash;  // whether it fired
  std::optional<PhotoPlace> place;
  std::optional<int> orientation;  // 1 to 8, as in Exif
  std::vector<PhotoField> fields;  // what is text in any form, in the file's order
};

}  // namespace tintype
