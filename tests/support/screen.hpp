#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace streamhost::test {

/// What a terminal shows after it got some bytes: as much of an xterm as a line editor uses. Every character is one cell.
class screen {
public:
    explicit screen(std::size_t columns = 80, std::size_t rows = 24) : columns_(columns), rows_(rows), lines_(1) {}

    void write(std::string_view bytes);

    /// From the first line that was written to the last, without trailing spaces; lines that have scrolled away included.
    std::vector<std::string> lines() const;
    std::string last_line() const { return lines().back(); }
    std::size_t column() const noexcept { return column_; }
    std::size_t row() const noexcept { return row_; }
    int bells() const noexcept { return bells_; }

private:
    void put(std::u32string_view character);
    void control(char32_t code_point);
    void sequence(char final, const std::string& parameters);
    std::u32string& line();

    std::size_t columns_;
    std::size_t rows_;
    std::vector<std::u32string> lines_;
    std::size_t row_ = 0;
    std::size_t column_ = 0;
    bool wraps_ = false;  // the last column was written: the next character goes to the next line
    int bells_ = 0;
    std::string unread_;
};

}  // namespace streamhost::test
