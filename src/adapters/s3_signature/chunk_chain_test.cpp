#include "adapters/s3_signature/chunk_chain.h"

#include <gtest/gtest.h>

#include <array>

#include "base/bytes.h"

namespace tintype::s3 {
namespace {

// Amazon's own example of an upload in chunks: 66,560 times 'a' in chunks of 65,536, 1,024 and 0 bytes.
TEST(ChunkChain, AcceptsAmazonsExample) {
  const std::array<HeaderView, 2> headers = {
      HeaderView{"X-Amz-Date", "20130524T000000Z"},
      HeaderView{"Authorization",
                 "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                 "SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
                 "x-amz-decoded-content-length;x-amz-storage-class,"
                 "Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"}};
  const RequestToVerify request{"PUT", "/examplebucket/chunkObject.txt", headers};
  ChunkChain chain(request, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
  EXPECT_TRUE(chain.accept_chunk(sha256(std::string(65'536, 'a')),
                                 "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"));
  EXPECT_TRUE(chain.accept_chunk(sha256(std::string(1'024, 'a')),
                                 "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"));
  EXPECT_TRUE(chain.accept_chunk(sha256(""), "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"));
  ChunkChain other(request, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
  EXPECT_FALSE(other.accept_chunk(sha256(std::string(65'536, 'b')),
                                  "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"));
}

// Amazon's example of the same with a trailer.
TEST(ChunkChain, AcceptsAmazonsExampleOfATrailer) {
  const std::array<HeaderView, 2> headers = {
      HeaderView{"x-amz-date", "20130524T000000Z"},
      HeaderView{"authorization",
                 "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                 "SignedHeaders=content-encoding;host;x-amz-content-sha256;x-amz-date;"
                 "x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer,"
                 "Signature=106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"}};
  ChunkChain chain({"PUT", "/examplebucket/chunkObject.txt", headers}, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
  EXPECT_TRUE(chain.accept_chunk(sha256(std::string(65'536, 'a')),
                                 "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2"));
  EXPECT_TRUE(chain.accept_chunk(sha256(std::string(1'024, 'a')),
                                 "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7"));
  EXPECT_TRUE(chain.accept_chunk(sha256(""), "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"));
  EXPECT_TRUE(chain.accept_trailer("x-amz-checksum-crc32c:sOO8/Q==\n",
                                   "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"));
}

}  // namespace
}  // namespace tintype::s3
