// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/deploy/live_panel.h"

#include "app/gui/deploy/live_inference.h"
#include "app/gui/deploy/vote_bars.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/empty_state.h"
#include "app/gui/widgets/format.h"
#include "core/base/quantity.h"

#include <QFontDatabase>
#include <QPlainTextEdit>
#include <QStackedWidget>
#include <QTime>

#include <algorithm>
#include <numeric>

namespace ember::gui {
namespace {

constexpr int kLogLines = 200;

/// Of votes and probabilities; what is below zero is no share.
std::vector<double> shares(const signal::ElementValues& outputs)
{
    const std::vector<double> votes = outputs.numbers();
    const double total =
        std::accumulate(votes.begin(), votes.end(), 0.0, [](double sum, double v) { return sum + std::max(0.0, v); });
    std::vector<double> out;
    for (const double vote : votes)
        out.push_back(total > 0 ? std::max(0.0, vote) / total : 0.0);
    return out;
}

double shareOf(const std::vector<double>& all, int index)
{
    return index >= 0 && static_cast<std::size_t>(index) < all.size() ? all[static_cast<std::size_t>(index)] : 0.0;
}

} // namespace

LivePanel::LivePanel(LiveInference& live, const ThemeHub& theme, QWidget* parent)
    : QWidget(parent)
    , m_live(live)
    , m_theme(theme)
    , m_stack(new QStackedWidget)
    , m_results(new QWidget)
    , m_agreement(makeLabel({}, "muted"))
    , m_bars(new VoteBars(theme))
    , m_log(new QPlainTextEdit)
{
    const ThemeMetrics& m = theme.metrics();
    auto* columns = new QHBoxLayout;
    columns->setSpacing(m.xl);
    columns->addWidget(resultColumn(tr("Board"), m_boardName, m_boardDetail), 1);
    columns->addWidget(resultColumn(tr("Desktop, same window"), m_hostName, m_hostDetail), 1);
    m_agreement->setWordWrap(true);
    m_log->setReadOnly(true);
    m_log->setMaximumBlockCount(kLogLines);
    m_log->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_log->setMinimumHeight(60);
    auto* column = plainLayout<QVBoxLayout>(m_results, m.m, m.l);
    column->addWidget(makeLabel(tr("Live inference"), "section"));
    column->addLayout(columns);
    column->addWidget(m_agreement);
    column->addWidget(m_bars);
    column->addWidget(makeLabel(tr("Changes"), "heading"));
    column->addWidget(m_log, 1);
    m_stack->addWidget(m_results);
    auto* frame = makeFrame("panel");
    plainLayout<QVBoxLayout>(frame, 0, 1)->addWidget(m_stack);
    plainLayout<QVBoxLayout>(this, 0)->addWidget(frame);
    setMinimumWidth(300);
    connect(&live, &LiveInference::changed, this, &LivePanel::refresh);
    connect(&live, &LiveInference::arrived, this, &LivePanel::logChange);
    connect(&live, &LiveInference::eventTold, this, &LivePanel::logEvent);
    connect(&live, &LiveInference::eventsLost, this, [this](int count) {
        m_log->appendPlainText(count == 1 ? tr("1 event was not told") : tr("%1 events were not told").arg(count));
    });
}

QWidget* LivePanel::resultColumn(const QString& title, QLabel*& name, QLabel*& detail)
{
    auto* owner = new QWidget;
    auto* column = plainLayout<QVBoxLayout>(owner, 0);
    name = makeLabel({}, "winner");
    detail = makeLabel({}, "caption");
    detail->setWordWrap(true);
    detail->setMinimumHeight(2 * QFontMetrics(m_theme.theme().font(TypeSize::Caption)).lineSpacing());
    detail->setAlignment(Qt::AlignTop);
    // A long class name must not push the window wider each time it wins.
    name->setMinimumWidth(1);
    name->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    column->addWidget(makeLabel(title, "heading"));
    column->addWidget(name);
    column->addWidget(detail);
    return owner;
}

void LivePanel::setEmptyState(EmptyState* state)
{
    m_stack->addWidget(state);
    refresh();
}

void LivePanel::setColours(const QHash<QString, int>& colours)
{
    m_colours = colours;
    refresh();
}

void LivePanel::refresh()
{
    const auto& latest = m_live.latest();
    m_stack->setCurrentIndex(latest || m_stack->count() < 2 ? 0 : 1);
    if (!latest) {
        m_lastWinner = -1;
        m_log->clear();
        return;
    }
    const std::vector<double> board = shares(latest->board.outputs);
    const std::vector<double> host = latest->host ? shares(latest->host->outputs) : std::vector<double>();
    m_boardName->setText(m_live.className(latest->board.winner));
    m_boardDetail->setText(
        tr("%1 of the votes · %2 ticks")
            .arg(formatShare(shareOf(board, latest->board.winner)), formatCount(latest->board.cpuTicks)));
    m_hostName->setText(latest->host ? m_live.className(latest->host->winner) : tr("not compared"));
    m_hostDetail->setText(latest->host ? tr("%1 of the votes").arg(formatShare(shareOf(host, latest->host->winner)))
                                       : latest->whyNoHost.message);
    const bool allAgree = m_live.compared() > 0 && m_live.agreed() == m_live.compared();
    m_agreement->setText(m_live.compared() == 0
                             ? tr("%1 windows from the board").arg(formatCount(m_live.windows()))
                             : tr("%1 of %2 windows agree in every vote")
                                   .arg(formatCount(m_live.agreed()), formatCount(m_live.compared())));
    setStyleProperty(m_agreement, "role",
                     m_live.compared() == 0 ? QStringLiteral("muted")
                     : allAgree             ? QStringLiteral("good")
                                            : QStringLiteral("bad"));

    std::vector<VoteBars::Bar> bars;
    for (int i = 0; i < static_cast<int>(board.size()); ++i) {
        const QString name = m_live.className(i);
        bars.push_back({name, m_colours.value(name, i), shareOf(board, i), host.empty() ? -1.0 : shareOf(host, i),
                        i == latest->board.winner});
    }
    m_bars->setBars(std::move(bars));
}

void LivePanel::logEvent(const QString& className, bool begins)
{
    m_log->appendPlainText(QTime::currentTime().toString(QStringLiteral("HH:mm:ss")) + QStringLiteral("  ") +
                           (begins ? tr("event begins: %1") : tr("event ends: %1")).arg(className));
}

void LivePanel::logChange()
{
    const auto& latest = m_live.latest();
    if (!latest || (latest->board.winner == m_lastWinner && (!latest->host || latest->agrees())))
        return;
    m_lastWinner = latest->board.winner;
    QString line = QTime::currentTime().toString(QStringLiteral("HH:mm:ss")) + QStringLiteral("  ") +
                   m_live.className(latest->board.winner);
    if (latest->host && !latest->agrees())
        line += tr("   desktop differs: %1").arg(m_live.className(latest->host->winner));
    m_log->appendPlainText(line);
}

} // namespace ember::gui
