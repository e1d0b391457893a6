#include "xml/document.h"

#include <gtest/gtest.h>

namespace tintype::xml {
namespace {

TEST(XmlDocument, ReadsWhatClientsSend) {
  const auto root = parse(
      "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- a list -->\n"
      "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n"
      "  <Part><PartNumber>1</PartNumber><ETag>&quot;a&#98;&#x63;&quot;</ETag></Part>\n"
      "  <s3:Part ><ETag/><PartNumber> 2 </PartNumber ></s3:Part ><!-- - -->\n"
      "</CompleteMultipartUpload>\n");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->name, "CompleteMultipartUpload");
  ASSERT_EQ(root->children.size(), 2U);
  EXPECT_EQ(root->children[0].find("ETag")->text, "\"abc\"");
  EXPECT_EQ(root->children[1].name, "Part");
  EXPECT_EQ(root->children[1].find("PartNumber")->text, "2");
  EXPECT_EQ(root->children[1].find("ETag")->text, "");
  EXPECT_EQ(root->children[1].find("Size"), nullptr);
  EXPECT_EQ(parse("<a>&lt;&gt;&amp;&apos;&#xe4;&#x1F600;</a>")->text, "<>&'\xc3\xa4\xf0\x9f\x98\x80");
}

TEST(XmlDocument, RefusesWhatIsNone) {
  for (const std::string& text :
       {std::string(), std::string("text"), std::string("<a>"), std::string("<a></b>"), std::string("<a/><b/>"),
        std::string("<a>&none;</a>"), std::string("<a>&#xd800;</a>"), std::string("<a>&#0;</a>"),
        std::string("<a>&amp</a>"), std::string("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        std::string("<a><![CDATA[x]]></a>"), std::string("<>x</>"), std::string("<a>\xff</a>"),
        std::string("<a>\0</a>", 8), std::string("<a"), std::string("<!-- <a/>")}) {
    EXPECT_FALSE(parse(text)) << text;
  }
  std::string deep;
  for (int level = 0; level < 100'000; ++level) deep += "<a>";
  EXPECT_FALSE(parse(deep));
}

}  // namespace
}  // namespace tintype::xml
