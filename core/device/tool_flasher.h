// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/flash_tool.h"
#include "core/device/flasher.h"

namespace ember::device {

/// Flashes a physical board with a program of its maker's: see FlashTool for what differs between them.
class ToolFlasher final : public Flasher
{
public:
    /// The tool lives as long as the program does.
    ToolFlasher(Board board, const FlashTool& tool)
        : m_board(std::move(board))
        , m_tool(tool)
    {}

    FlasherInfo info() const override;
    Result<FlashReport> flash(const FlashRequest& request) override;

private:
    struct Plan;

    Result<QString> program() const;
    Result<Plan> plan(const FlashRequest& request) const;
    Status run(const FlashRequest& request, const Plan& plan) const;

    Board m_board;
    const FlashTool& m_tool;
};

/// Makes events of a tool's output as it comes, in pieces of any size; lines end with a line feed or a carriage return.
class FlashProgress
{
public:
    FlashProgress(const FlashTool& tool, qint64 total, std::function<void(const FlashEvent&)> sink);
    void feed(const QByteArray& bytes);

private:
    void line();

    const FlashTool& m_tool;
    qint64 m_total;
    std::function<void(const FlashEvent&)> m_sink;
    QByteArray m_line;
    bool m_verifying = false;
};

} // namespace ember::device
