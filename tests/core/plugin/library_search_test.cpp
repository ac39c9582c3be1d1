#include "plugin/library_search.hpp"
#include "probe_file.hpp"

#include <streamhost/result.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

using namespace streamhost;
using namespace streamhost::plugin;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

namespace fs = std::filesystem;

namespace {

constexpr ::uid_t ordinary = 54321;  // in nobody's password file
constexpr ::uid_t stranger = 54322;

/// An install tree and two folders for `--modules`, all of proper permissions whatever the umask.
class library_search_test : public testing::Test {
protected:
    library_search_test() {
        folder("tree");
        folder("tree/bin");
        folder("tree/lib");
        folder("tree/lib/streamhost");
        folder("tree/lib/streamhost/modules");
        folder("first");
        folder("second");
        file("tree/bin/streamhost");
    }

    fs::path at(const fs::path& name) const { return root_.path() / name; }
    fs::path installed(const fs::path& name) const { return at("tree/lib/streamhost/modules") / name; }

    fs::path folder(const fs::path& name, unsigned mode = 0755) {
        fs::create_directory(at(name));
        fs::permissions(at(name), fs::perms(mode));
        return at(name);
    }

    fs::path file(const fs::path& name, unsigned mode = 0644) {
        std::ofstream(at(name)) << "not read by the search";
        fs::permissions(at(name), fs::perms(mode));
        return at(name);
    }

    fs::path install(const fs::path& name) { return file(fs::relative(installed(name), root_.path())); }

    /// Root can play an ordinary user whose files belong to root; anybody else is one.
    static ::uid_t user() { return ::geteuid() == 0 ? ordinary : ::geteuid(); }

    library_search search(std::vector<fs::path> folders = {}, ::uid_t as = user()) const {
        return {std::move(folders), at("tree/bin/streamhost"), as};
    }

    /// What `find` says against the type, or the path that it found.
    static std::string answer(const library_search& search, std::string_view type = "soil.probe") {
        try {
            return search.find(type).string();
        } catch (const configuration_error& refused) {
            return std::string("refused: ") + refused.what();
        }
    }

    scratch_folder root_;
};

class library_search_as_root : public library_search_test {
protected:
    void SetUp() override {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "only root can give files to other users";
        }
    }

    void give_away(const fs::path& path, ::uid_t owner = stranger, ::gid_t group = stranger) {
        ASSERT_EQ(::lchown(path.c_str(), owner, group), 0);
    }
};

}  // namespace

TEST_F(library_search_test, the_types_own_library_comes_before_the_familys) {
    install("soil.so");
    EXPECT_EQ(answer(search()), installed("soil.so"));
    install("soil-probe.so");
    EXPECT_EQ(answer(search()), installed("soil-probe.so"));
    EXPECT_EQ(answer(search(), "soil.gauge"), installed("soil.so"));
}

TEST_F(library_search_test, named_folders_come_first_in_their_order) {
    install("soil.so");
    EXPECT_EQ(answer(search({at("first"), at("second")})), installed("soil.so"));
    file("second/soil-probe.so");
    EXPECT_EQ(answer(search({at("first"), at("second")})), at("second/soil-probe.so"));
    file("first/soil.so");
    EXPECT_EQ(answer(search({at("first"), at("second")})), at("first/soil.so"));
    EXPECT_EQ(answer(search({at("second"), at("first")})), at("second/soil-probe.so"));
}

TEST_F(library_search_test, names_that_are_no_types_never_become_paths) {
    file("soil.so");
    for (const char* type : {"../soil.probe", "soil./../../soil", "/etc/soil.probe", "soil", "soil.", ".probe", "", ".",
                             "soil.probe.x", "Soil.probe", "soil.pro be", "so\xc3\xaf" "l.probe", "soil.probe\n"}) {
        EXPECT_THAT(answer(search({at("first")}), type),
                    AllOf(HasSubstr("refused: \"" + std::string(type) + "\" is no module type"),
                          HasSubstr("`video.capture`")));
    }
    EXPECT_THAT(answer(search(), std::string(65, 'a') + ".b"), HasSubstr("is no module type"));
}

TEST_F(library_search_test, an_absent_library_is_answered_with_where_it_was_sought) {
    EXPECT_EQ(answer(search({at("first"), at("second")})),
              "refused: no library for module type soil.probe: neither soil-probe.so nor soil.so is in " +
                  at("first").string() + ", " + at("second").string() + ", " +
                  at("tree/lib/streamhost/modules").string() + "; `--modules DIR` adds a folder");
}

TEST_F(library_search_test, a_named_folder_must_be_one) {
    const std::pair<const char*, const char*> rows[] = {{"third", "No such file or directory"},
                                                         {"tree/bin/streamhost", "not a directory"}};
    for (const auto& [name, cause] : rows) {
        try {
            search({at(name)});
            ADD_FAILURE();
        } catch (const configuration_error& refused) {
            EXPECT_EQ(refused.what(), "--modules " + at(name).string() + ": " + cause);
        }
    }
}

TEST_F(library_search_test, the_environment_has_no_say) {
    file("first/soil.so");
    ::setenv("LD_LIBRARY_PATH", at("first").c_str(), 1);
    ::setenv("STREAMHOST_MODULES", at("first").c_str(), 1);
    fs::current_path(at("first"));
    EXPECT_THAT(answer(search()), HasSubstr("no library for module type"));
    fs::current_path("/");
}

TEST_F(library_search_test, a_link_to_the_program_leads_to_the_programs_own_tree) {
    install("soil.so");
    fs::create_symlink(at("tree/bin/streamhost"), at("first/streamhost"));
    EXPECT_EQ(library_search({}, at("first/streamhost"), user()).find("soil.probe"), installed("soil.so"));
}

TEST_F(library_search_test, links_are_followed_to_the_file) {
    file("tree/soil-1.so");
    fs::create_symlink("../../../soil-1.so", installed("soil.so"));
    EXPECT_EQ(answer(search()), at("tree/soil-1.so"));
    folder("first/deeper");
    fs::create_symlink(at("tree/soil-1.so"), at("first/deeper/soil.so"));
    fs::create_directory_symlink(at("first/deeper"), at("second/link"));
    EXPECT_EQ(answer(search({at("second/link")})), at("tree/soil-1.so"));
}

TEST_F(library_search_test, links_that_lead_nowhere_are_refused) {
    fs::create_symlink("absent.so", installed("soil.so"));
    EXPECT_THAT(answer(search()),
                AllOf(HasSubstr(installed("absent.so").string()), EndsWith("No such file or directory")));
    fs::create_symlink("soil-loop.so", installed("soil-loop.so"));
    EXPECT_THAT(answer(search(), "soil.loop"), HasSubstr("leads through too many symbolic links"));
    fs::create_symlink("absent.so", at("first/soil.so"));
    EXPECT_THAT(answer(search({at("first")})), AllOf(HasSubstr("refused: "), EndsWith("No such file or directory")));
}

TEST_F(library_search_test, what_is_no_file_is_refused) {
    fs::create_directory(at("first/soil.so"));
    EXPECT_THAT(answer(search({at("first")})), EndsWith("first/soil.so is not loaded: it is not a regular file"));
    ASSERT_EQ(::mkfifo(installed("soil.so").c_str(), 0600), 0);
    EXPECT_THAT(answer(search()), EndsWith("modules/soil.so is not loaded: it is not a regular file"));
}

TEST_F(library_search_test, an_installed_library_that_anybody_may_write_to_is_refused) {
    const fs::path library = install("soil.so");
    fs::permissions(library, fs::perms(0646));
    EXPECT_EQ(answer(search()), "refused: module library " + library.string() + " is not loaded: " + library.string() +
                                    " can be written by anybody: `chmod go-w " + library.string() + "`");
}

TEST_F(library_search_test, so_is_one_below_a_folder_that_anybody_may_write_to) {
    install("soil.so");
    for (const char* part : {"tree/lib/streamhost/modules", "tree/lib/streamhost", "tree/lib", "tree"}) {
        fs::permissions(at(part), fs::perms(0757));
        EXPECT_THAT(answer(search()), HasSubstr(at(part).string() + " can be written by anybody: `chmod go-w "));
        fs::permissions(at(part), fs::perms(0755));
    }
    EXPECT_EQ(answer(search()), installed("soil.so"));
}

TEST_F(library_search_test, so_is_a_link_into_such_a_folder) {
    folder("open", 0777);
    file("open/soil.so");
    fs::create_symlink(at("open/soil.so"), installed("soil.so"));
    EXPECT_THAT(answer(search()), HasSubstr(at("open").string() + " can be written by anybody"));
    // ... also where only a link lies in it: whoever exchanges the link chooses the library.
    file("tree/soil-1.so");
    fs::create_symlink(at("tree/soil-1.so"), at("open/soil-2.so"));
    fs::create_symlink(at("open/soil-2.so"), installed("soil-probe.so"));
    EXPECT_THAT(answer(search()), HasSubstr(at("open").string() + " can be written by anybody"));
}

TEST_F(library_search_test, a_sticky_folder_protects_what_lies_in_it) {
    install("soil.so");
    fs::permissions(at("tree"), fs::perms(01777));
    EXPECT_EQ(answer(search()), installed("soil.so"));
}

TEST_F(library_search_test, folders_that_an_ordinary_user_names_are_the_users_own_affair) {
    fs::permissions(at("first"), fs::perms(0777));
    file("first/soil.so", 0666);
    EXPECT_EQ(answer(search({at("first")})), at("first/soil.so"));
}

TEST_F(library_search_test, all_lists_by_folder_and_name_and_hides_what_find_would_not_reach) {
    install("soil.so");
    install("video.so");
    install("README.md");
    install("Video.so");
    install("libvideo.so.1");
    file("first/soil.so");
    file("first/air-probe.so");
    EXPECT_THAT(search({at("first"), at("second")}).all(),
                ElementsAre(at("first/air-probe.so"), at("first/soil.so"), installed("video.so")));
}

TEST_F(library_search_test, all_needs_no_installed_folder) {
    fs::remove(at("tree/lib/streamhost/modules"));
    EXPECT_THAT(search().all(), ElementsAre());
}

TEST_F(library_search_test, one_refused_library_leaves_the_others_listed) {
    install("air.so");
    fs::permissions(install("soil.so"), fs::perms(0666));
    const library_search searched = search();
    ASSERT_THAT(searched.all(), ElementsAre(installed("air.so"), installed("soil.so")));
    EXPECT_EQ(searched.admit(installed("air.so")), installed("air.so"));
    EXPECT_THROW(searched.admit(installed("soil.so")), configuration_error);
}

TEST_F(library_search_as_root, a_strangers_library_is_refused) {
    give_away(install("soil.so"));
    EXPECT_THAT(answer(search()), HasSubstr("soil.so belongs to user 54322: let it belong to root or to whoever runs"));
    give_away(installed("soil.so"), ordinary, 0);
    EXPECT_EQ(answer(search()), installed("soil.so"));
    EXPECT_THAT(answer(search({}, 0)), HasSubstr("soil.so belongs to user 54321: let it belong to root"));
}

TEST_F(library_search_as_root, a_strangers_folder_or_link_is_refused) {
    install("soil.so");
    give_away(at("tree/lib"));
    EXPECT_THAT(answer(search()), HasSubstr("tree/lib belongs to user 54322"));
    give_away(at("tree/lib"), 0, 0);
    file("tree/soil-1.so");
    fs::create_symlink(at("tree/soil-1.so"), installed("soil-probe.so"));
    give_away(installed("soil-probe.so"));
    EXPECT_THAT(answer(search()), HasSubstr("soil-probe.so belongs to user 54322"));
}

TEST_F(library_search_as_root, a_strangers_library_in_a_sticky_folder_is_refused) {
    fs::permissions(at("tree/lib/streamhost/modules"), fs::perms(01777));
    give_away(install("soil.so"));
    EXPECT_THAT(answer(search()), HasSubstr("soil.so belongs to user 54322"));
}

TEST_F(library_search_as_root, a_folder_that_its_group_may_write_to_is_refused) {
    install("soil.so");
    fs::permissions(at("tree/lib"), fs::perms(0775));
    give_away(at("tree/lib"), ordinary, stranger);
    EXPECT_THAT(answer(search()), HasSubstr("tree/lib can be written by its group: `chmod go-w "));
}

TEST_F(library_search_as_root, but_not_where_the_group_is_the_users_own) {
    const ::passwd* const account = ::getpwnam("daemon");
    if (account == nullptr || account->pw_gid != account->pw_uid) {
        GTEST_SKIP() << "no account with a private group here";
    }
    const ::uid_t daemon = account->pw_uid;
    install("soil.so");
    fs::permissions(at("tree/lib"), fs::perms(0775));
    give_away(at("tree/lib"), daemon, daemon);
    EXPECT_EQ(answer(search({}, daemon)), installed("soil.so"));
    EXPECT_THAT(answer(search({}, ordinary)), HasSubstr("tree/lib belongs to user"));
}

TEST_F(library_search_as_root, named_folders_are_checked_for_root) {
    file("first/soil.so");
    EXPECT_EQ(answer(search({at("first")}, 0)), at("first/soil.so"));
    fs::permissions(at("first"), fs::perms(0775));
    EXPECT_THAT(answer(search({at("first")}, 0)), HasSubstr("first can be written by its group"));
    fs::permissions(at("first"), fs::perms(0755));
    give_away(at("first/soil.so"));
    EXPECT_THAT(answer(search({at("first")}, 0)), HasSubstr("soil.so belongs to user 54322: let it belong to root"));
    EXPECT_EQ(answer(search({at("first")}, ordinary)), at("first/soil.so"));
}
