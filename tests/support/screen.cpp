#include "support/screen.hpp"

#include <streamhost/wire/utf8.hpp>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace streamhost::test {

std::u32string& screen::line() {
    if (row_ >= lines_.size()) lines_.resize(row_ + 1);
    return lines_[row_];
}

void screen::put(std::u32string_view character) {
    if (wraps_) {
        ++row_;
        column_ = 0;
        wraps_ = false;
    }
    auto& here = line();
    if (here.size() <= column_) here.resize(column_ + 1, U' ');
    here[column_] = character[0];
    if (++column_ == columns_) {
        column_ = columns_ - 1;
        wraps_ = true;
    }
}

void screen::control(char32_t code_point) {
    switch (code_point) {
        case '\r': column_ = 0; break;
        case '\n': ++row_; break;
        case '\b': column_ -= column_ > 0 ? 1 : 0; break;
        case '\t': column_ = std::min(columns_ - 1, (column_ / 8 + 1) * 8); break;
        case '\a': ++bells_; return;
        default: throw std::runtime_error("the screen got control character " + std::to_string(code_point));
    }
    wraps_ = false;
    line();
}

void screen::sequence(char final, const std::string& parameters) {
    const auto count = std::max<std::size_t>(1, std::strtoul(parameters.c_str(), nullptr, 10));
    const bool none = parameters.empty() || parameters == "0";
    wraps_ = false;
    switch (final) {
        case 'A': row_ -= std::min(row_, count); break;
        case 'B': row_ += count; break;
        case 'C': column_ = std::min(columns_ - 1, column_ + count); break;
        case 'D': column_ -= std::min(column_, count); break;
        case 'H':
            if (!none) throw std::runtime_error("the screen got CUP " + parameters);
            row_ = column_ = 0;
            break;
        case 'G': column_ = std::min(columns_, count) - 1; break;
        case 'K':
            if (!none) throw std::runtime_error("the screen got EL " + parameters);
            if (line().size() > column_) line().resize(column_);
            break;
        case 'J':
            if (!none) throw std::runtime_error("the screen got ED " + parameters);
            if (line().size() > column_) line().resize(column_);
            lines_.resize(row_ + 1);
            break;
        case 'P': {
            auto& here = line();
            if (here.size() > column_) here.erase(column_, count);
            break;
        }
        case '@': {
            auto& here = line();
            if (here.size() < column_) here.resize(column_, U' ');
            here.insert(column_, count, U' ');
            if (here.size() > columns_) here.resize(columns_);
            break;
        }
        case 'm': case 'h': case 'l': break;  // colours and modes
        default: throw std::runtime_error(std::string("the screen got CSI ") + parameters + final);
    }
    line();
}

void screen::write(std::string_view bytes) {
    unread_ += bytes;
    std::string_view rest(unread_);
    while (!rest.empty()) {
        if (rest[0] == '\x1b') {
            if (rest.size() < 2) break;
            if (rest[1] != '[') {
                rest.remove_prefix(2);  // keypad modes
                continue;
            }
            const auto end = std::find_if(rest.begin() + 2, rest.end(), [](char c) { return c >= 0x40 && c <= 0x7E; });
            if (end == rest.end()) break;
            const auto size = static_cast<std::size_t>(end - rest.begin());
            sequence(*end, std::string(rest.substr(2, size - 2)));
            rest.remove_prefix(size + 1);
            continue;
        }
        const auto next = utf8::decode(rest);
        if (next.size == 0) break;
        if (next.code_point < 0x20) {
            control(next.code_point);
        } else {
            put(std::u32string(1, next.code_point));
        }
        rest.remove_prefix(next.size);
    }
    unread_ = std::string(rest);
}

std::vector<std::string> screen::lines() const {
    std::vector<std::string> all;
    for (const auto& each : lines_) {
        std::string text;
        for (const auto c : each) utf8::append(text, c);
        text.erase(text.find_last_not_of(' ') + 1);
        all.push_back(std::move(text));
    }
    return all;
}

}  // namespace streamhost::test
