#include "program_ports.hpp"

#include "program.hpp"

#include <gmock/gmock.h>

namespace streamhost::process {
namespace {

using ::testing::HasSubstr;

std::string refusal_of(const program_settings& chosen) {
    try {
        program::check(chosen);
    } catch (const setting_error& e) {
        return e.setting() + ": " + e.what();
    }
    return {};
}

program_settings good() {
    program_settings chosen;
    chosen.command = {"detector"};
    chosen.inputs = {{"images", "encoded_image"}};
    chosen.outputs = {{"readings", "record"}};
    return chosen;
}

TEST(program_ports, are_those_of_the_settings) {
    const auto ports = program::ports_for(good());
    ASSERT_EQ(ports.inputs.size(), 1u);
    EXPECT_EQ(ports.inputs[0].name, "images");
    EXPECT_EQ(*ports.inputs[0].type, type_of<encoded_image>());
    EXPECT_TRUE(ports.inputs[0].required);
    ASSERT_EQ(ports.outputs.size(), 1u);
    EXPECT_EQ(ports.outputs[0].name, "readings");
    EXPECT_FALSE(ports.outputs[0].spontaneous) << "it follows from what the program is sent";
}

TEST(program_ports, of_a_program_without_inputs_speak_of_their_own_accord) {
    auto chosen = good();
    chosen.inputs.clear();
    EXPECT_TRUE(program::ports_for(chosen).outputs[0].spontaneous);
}

TEST(program_ports, the_form_follows_from_the_types) {
    EXPECT_EQ(form_of(form_choice::automatic, table_of({{"a", "record"}, {"b", "text"}})), message_form::lines);
    EXPECT_EQ(form_of(form_choice::automatic, table_of({{"a", "record"}, {"b", "bytes"}})), message_form::frames);
    EXPECT_EQ(form_of(form_choice::frames, table_of({{"a", "record"}})), message_form::frames);
}

TEST(program_ports, what_cannot_be_is_refused_with_its_setting) {
    EXPECT_EQ(refusal_of(good()), "");
    auto chosen = good();
    chosen.inputs["Images"] = "record";
    EXPECT_THAT(refusal_of(chosen), HasSubstr("inputs: \"Images\" is no name for a port"));
    chosen = good();
    chosen.outputs["scans"] = "acme.scan";
    EXPECT_THAT(refusal_of(chosen), HasSubstr("outputs: \"acme.scan\" is no type that a program can be told"));
    chosen = good();
    chosen.input_form = form_choice::lines;
    EXPECT_THAT(refusal_of(chosen), HasSubstr("input_form: `images` is encoded_image"));
    chosen = good();
    chosen.command = {""};
    EXPECT_THAT(refusal_of(chosen), HasSubstr("command: name the program"));
    chosen = good();
    chosen.in_flight = 1;
    EXPECT_EQ(refusal_of(chosen), "");
    chosen.outputs.clear();
    EXPECT_THAT(refusal_of(chosen), HasSubstr("in_flight: "));
}

}  // namespace
}  // namespace streamhost::process
