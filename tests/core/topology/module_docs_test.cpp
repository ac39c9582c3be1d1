#include "core/topology/fake_modules.hpp"

#include "topology/module_docs.hpp"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streamhost {
namespace {

using testing::HasSubstr;

TEST(describe_text, says_all_about_a_type) {
    const fake::catalogue types;
    EXPECT_EQ(describe_text(types["soil.probe"]),
              "soil.probe: Soil moisture from a serial probe\n"
              "\n"
              "settings\n"
              "  device    serial device: text that is not empty, required, held by one instance only\n"
              "  period    time between readings: duration from 10ms to 1h, default \"1s\"\n"
              "  report    time between reports: duration such as \"500ms\", \"2s\" or \"1min\" in steps of 1s, "
              "default \"1min\"\n"
              "  channels  what to read: list of texts, default [\"moisture\"]\n"
              "  address   on the bus: whole number from 0 to 255, optional\n"
              "\n"
              "outputs\n"
              "  readings  record: one per period\n");
    EXPECT_EQ(
        describe_text(types["chat.server"]),
        "chat.server: Text between people\n"
        "Listens: takes `limits`, and `allow` beyond loopback.\n"
        "Serves viewers: takes `viewers`.\n"
        "\n"
        "settings\n"
        "  listen   where others connect: address and a port such as \"127.0.0.1:9699\", default \"127.0.0.1:9698\"\n"
        "  receive  where datagrams arrive: address and a port such as \"127.0.0.1:9699\", default \"\"\n"
        "\n"
        "inputs\n"
        "  outgoing  text: to say (any number of links)\n"
        "\n"
        "outputs\n"
        "  incoming  text: what others say\n");
}

TEST(describe_list, is_one_line_per_type) {
    const fake::catalogue types;
    const std::vector<const module_info*> two{&types["soil.probe"], &types["relay.tap"]};
    EXPECT_EQ(describe_list(two),
              "  soil.probe  Soil moisture from a serial probe\n"
              "  relay.tap   Passes on whatever comes\n");
}

TEST(describe_markdown, makes_tables) {
    const fake::catalogue types;
    const std::vector<const module_info*> two{&types["video.encode"], &types["acme.lidar"]};
    EXPECT_EQ(describe_markdown(two),
              "## video.encode\n\nPictures to JPEG.\n"
              "\n| setting | what for | value | default | |\n| --- | --- | --- | --- | --- |\n"
              "| `quality` | of the JPEG | whole number from 1 to 100 | `80` |  |\n"
              "\n| input | type | what | |\n| --- | --- | --- | --- |\n"
              "| `frames` | `video_frame` | to encode | required |\n"
              "\n| output | type | what | |\n| --- | --- | --- | --- |\n"
              "| `images` | `encoded_image` | one per frame |  |\n"
              "\n## acme.lidar\n\nDistances.\n"
              "\n| output | type | what | |\n| --- | --- | --- | --- |\n"
              "| `scans` | `acme.scan` | one per turn |  |\n");
}

TEST(describe_json, has_settings_ports_and_a_schema) {
    const fake::catalogue types;
    const auto probe = describe_json(types["soil.probe"]);
    EXPECT_EQ(probe.at("type"), "soil.probe");
    const auto& period = probe.at("settings").as_array().at(1).as_object();
    EXPECT_EQ(boost::json::serialize(period),
              R"({"name":"period","help":"time between readings","kind":"duration","default":1000,"required":false,)"
              R"("exclusive":false,"live":false,"minimum":10,"maximum":3600000,"unit":"ms"})");
    EXPECT_EQ(boost::json::serialize(probe.at("outputs")),
              R"([{"name":"readings","help":"one per period","type":"record","many":false,"required":false}])");
    const auto& schema = probe.at("schema").as_object();
    EXPECT_EQ(boost::json::serialize(schema.at("required")), R"(["type","device"])");
    EXPECT_EQ(schema.at("additionalProperties"), false);
    const auto& properties = schema.at("properties").as_object();
    EXPECT_EQ(properties.at("type").at("const"), "soil.probe");
    EXPECT_TRUE(properties.contains("restart"));
    EXPECT_FALSE(properties.contains("viewers"));
    EXPECT_EQ(boost::json::serialize(properties.at("address")),
              R"({"description":"on the bus","type":["integer","string","null"],"pattern":"\\$\\{.+\\}",)"
              R"("minimum":0,"maximum":255})");
}

TEST(describe_json, offers_a_server_the_keys_of_listeners) {
    const fake::catalogue types;
    const auto server = describe_json(types["video.server"]);
    const auto& properties = server.at("schema").at("properties").as_object();
    for (const auto* key : {"viewers", "limits", "allow"}) EXPECT_TRUE(properties.contains(key)) << key;
    EXPECT_EQ(boost::json::serialize(properties.at("wire").at("anyOf").as_array().at(0)),
              R"({"enum":["pickle","framed","base64-jpeg"]})");
    EXPECT_EQ(properties.at("wire").at("default"), "framed");
    EXPECT_TRUE(properties.at("viewers").at("properties").as_object().contains("queue"));
}

TEST(topology_schema, knows_every_type_and_every_key) {
    const fake::catalogue types;
    std::vector<const module_info*> all;
    for (const auto& type : types.types()) all.push_back(&type);
    const auto schema = topology_schema(all);
    const auto& properties = schema.at("properties").as_object();
    EXPECT_EQ(schema.at("definitions").at("instance").at("allOf").as_array().size(), all.size());
    for (const auto* key : {"name", "vars", "modules", "links", "lanes", "limits", "allow", "log", "$schema"}) {
        EXPECT_TRUE(properties.contains(key)) << key;
    }
}

TEST(pretty, indents_by_two) {
    EXPECT_EQ(pretty(boost::json::value{{"a", {1, 2}}, {"b", boost::json::object{}}, {"c", "\""}}),
              "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": \"\\\"\"\n}\n");
}

TEST(mermaid, draws_lanes_and_links) {
    const fake::catalogue types;
    const topology_text source{.file = "t.json", .text = R"({ "modules": {
        "camera": { "type": "video.capture" },
        "end": { "type": "video.display", "lane": "ui" },
        "tap": { "type": "relay.tap" }, "more": { "type": "relay.tap" } },
        "links": ["camera -> end", "camera.images -> tap -> more"] })", .sets = {}, .variables = {}};
    const auto result = check(source, types.view());
    ASSERT_TRUE(result.plan.has_value()) << report(result.problems, source);
    EXPECT_EQ(mermaid(*result.plan),
              "flowchart LR\n"
              "  subgraph lane0[\"lane default\"]\n"
              "    i0[\"camera<br/>video.capture\"]\n"
              "    i2[\"tap<br/>relay.tap\"]\n"
              "    i3[\"more<br/>relay.tap\"]\n"
              "  end\n"
              "  subgraph lane1[\"lane ui\"]\n"
              "    i1[\"end<br/>video.display\"]\n"
              "  end\n"
              "  i0 -->|\"frames to frames<br/>video_frame<br/>latest, 1 item\"| i1\n"
              "  i0 -->|\"images to messages<br/>encoded_image<br/>latest, 1 item\"| i2\n"
              "  i2 -->|\"copies to messages<br/>any<br/>wait, 64 items\"| i3\n");
}

}  // namespace
}  // namespace streamhost
