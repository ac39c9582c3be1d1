#include "assets.hpp"

#include <gmock/gmock.h>

#include <set>
#include <string>

namespace streamhost::web {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

std::string text_of(std::string_view path) {
    const auto* const found = find_asset(path);
    return found == nullptr ? "" : std::string(reinterpret_cast<const char*>(found->content.data()), found->content.size());
}

TEST(assets_test, each_file_has_a_type_a_tag_of_its_own_and_its_path) {
    std::set<std::string_view> tags;
    for (const auto& each : all_assets()) {
        EXPECT_EQ(find_asset(each.path), &each);
        EXPECT_THAT(std::string(each.path), MatchesRegex("/[a-z_/]+\\.[a-z]+"));
        EXPECT_THAT(std::string(each.etag), MatchesRegex("\"[0-9a-f]{16}\""));
        EXPECT_FALSE(each.content_type.empty()) << each.path;
        if (each.content.empty()) continue;
        EXPECT_TRUE(tags.insert(each.etag).second) << each.path;
    }
    EXPECT_GT(all_assets().size(), 20U);
}

TEST(assets_test, the_front_page_is_where_a_browser_looks_for_it) {
    EXPECT_EQ(find_asset("/"), find_asset("/index.html"));
    ASSERT_NE(find_asset("/"), nullptr);
    EXPECT_EQ(find_asset("/")->content_type, "text/html; charset=utf-8");
    EXPECT_THAT(text_of("/"), HasSubstr("</html>"));
    EXPECT_EQ(find_asset("/js/main.js")->content_type, "text/javascript; charset=utf-8");
}

TEST(assets_test, nothing_else_is_there) {
    for (const auto* path : {"", "index.html", "/index.htm", "/js/", "/../index.html", "/css/base.css/", "/package.json"}) {
        EXPECT_EQ(find_asset(path), nullptr) << path;
    }
}

/// Content-Security-Policy lets none of it run; this says it before a browser does.
TEST(assets_test, no_page_has_a_script_or_a_style_in_its_markup) {
    for (const auto* path : {"/index.html", "/login.html"}) {
        const auto page = text_of(path);
        EXPECT_THAT(page, Not(HasSubstr(" style=")));
        EXPECT_THAT(page, Not(HasSubstr("<style")));
        EXPECT_THAT(page, Not(HasSubstr("javascript:")));
        EXPECT_THAT(page, Not(testing::ContainsRegex("<script[^>]*>[^<]")));
        EXPECT_THAT(page, Not(testing::ContainsRegex(" on[a-z]+=")));
        EXPECT_THAT(page, Not(HasSubstr("//"))) << "nothing comes from elsewhere";
    }
}

}  // namespace
}  // namespace streamhost::web
