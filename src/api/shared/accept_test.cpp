#include "api/shared/accept.h"

#include <gtest/gtest.h>

namespace tintype::api {
namespace {

TEST(Accept, NamesWhatABrowserReads) {
  struct Row {
    const char* accept;
    bool webp;
    bool avif;
  };
  for (const Row& row : {
           Row{"", false, false},
           Row{"*/*", false, false},
           Row{"image/*", false, false},
           Row{"image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", true, true},
           Row{"image/webp, */*;q=0.1", true, false},
           Row{"text/html, IMAGE/WebP ; q=0.5", true, false},
           Row{"image/webp;q=0", false, false},
           Row{"image/webp;q=0.000, image/avif;v=1;q=0.001", false, true},
           Row{"image/webp;Q=0.0", false, false},
           Row{" , ;,image/webp;;", true, false},
           Row{"image/webpx, ximage/avif", false, false},
       }) {
    const FormatsRead read = formats_read(row.accept);
    EXPECT_EQ(read.webp, row.webp) << row.accept;
    EXPECT_EQ(read.avif, row.avif) << row.accept;
  }
}

TEST(Accept, NamesTheContentCodingsOfABrowser) {
  EXPECT_TRUE(reads_encoding("gzip, deflate, br, zstd", "br"));
  EXPECT_TRUE(reads_encoding("GZIP;q=0.5", "gzip"));
  EXPECT_FALSE(reads_encoding("gzip, br;q=0", "br"));
  EXPECT_FALSE(reads_encoding("*", "br"));
  EXPECT_FALSE(reads_encoding("", "gzip"));
}

}  // namespace
}  // namespace tintype::api
