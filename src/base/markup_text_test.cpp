#include "base/markup_text.h"

#include <gtest/gtest.h>

namespace tintype {

namespace {

TEST(MarkupText, IsNoMarkup) {
  EXPECT_EQ(markup_escape("Tom & \"Ann\" <b>it's</b>"), "Tom &amp; &quot;Ann&quot; &lt;b&gt;it&#39;s&lt;/b&gt;");
}

TEST(MarkupText, HoldsWhatXmlCanHold) {
  EXPECT_EQ(markup_escape(std::string("a\nb\tc\rd\0e\x1b\xc3\xa4", 12)), "a\nb\tc&#13;d?e?\xc3\xa4");
}

}  // namespace

}  // namespace tintype
