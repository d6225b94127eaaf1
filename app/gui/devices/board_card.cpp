// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/devices/board_card.h"

#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "core/base/quantity.h"

#include <QGridLayout>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace ember::gui {
namespace {

/// Memory of a board on a logarithmic scale: 2 KiB and 4 MiB both have to be seen.
class MemoryBar : public QWidget
{
public:
    MemoryBar(qint64 bytes, qint64 most, const ThemeHub& theme)
        : m_bytes(bytes)
        , m_most(most)
        , m_theme(theme)
    {
        setFixedHeight(6);
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        constexpr double kLeast = 512;
        const double share = std::log(std::max<double>(static_cast<double>(m_bytes), kLeast) / kLeast * 1.5) /
                             std::log(std::max<double>(static_cast<double>(m_most), 2 * kLeast) / kLeast * 1.5);
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_theme.colours().hover);
        painter.drawRoundedRect(rect(), 3, 3);
        painter.setBrush(m_theme.colours().muted);
        painter.drawRoundedRect(QRectF(0, 0, width() * std::clamp(share, 0.02, 1.0), height()), 3, 3);
    }

private:
    qint64 m_bytes;
    qint64 m_most;
    const ThemeHub& m_theme;
};

} // namespace

BoardCard::BoardCard(const BoardCardData& shown, qint64 mostFlash, qint64 mostRam, const ThemeHub& theme,
                     QWidget* parent)
    : QFrame(parent)
    , m_data(shown)
    , m_state(makeLabel({}, "muted"))
    , m_button(makeButton({}))
{
    setProperty("role", QStringLiteral("card"));
    setFocusPolicy(Qt::TabFocus);
    setAccessibleName(shown.name);
    const ThemeMetrics& m = theme.metrics();

    auto* picture = new QLabel;
    picture->setPixmap(icon(shown.iconName, IconTone::Muted).pixmap(m.icon, m.icon));
    auto* head = new QHBoxLayout;
    head->setSpacing(m.s);
    head->addWidget(picture, 0, Qt::AlignTop);
    auto* names = new QVBoxLayout;
    names->setSpacing(2);
    auto* name = makeLabel(shown.name, "section");
    name->setWordWrap(true);
    names->addWidget(name);
    names->addWidget(makeLabel(shown.detail, "caption"));
    head->addLayout(names, 1);

    auto* foot = new QHBoxLayout;
    foot->setSpacing(m.s);
    m_state->setWordWrap(true);
    foot->addWidget(m_state, 1);
    foot->addWidget(m_button, 0, Qt::AlignBottom);

    auto* column = plainLayout<QVBoxLayout>(this, m.m, m.l);
    column->addLayout(head);
    if (shown.flashBytes > 0) {
        auto* grid = new QGridLayout;
        grid->setHorizontalSpacing(m.s);
        grid->setVerticalSpacing(m.xs);
        const auto addBar = [&](int row, const QString& title, qint64 bytes, qint64 most) {
            grid->addWidget(makeLabel(title, "caption"), row, 0);
            grid->addWidget(new MemoryBar(bytes, most, theme), row, 1);
            grid->addWidget(makeLabel(formatBytes(bytes), "caption"), row, 2, Qt::AlignRight);
        };
        addBar(0, tr("Flash"), shown.flashBytes, mostFlash);
        addBar(1, tr("RAM"), shown.ramBytes, mostRam);
        grid->setColumnStretch(1, 1);
        column->addLayout(grid);
    }
    column->addStretch(1);
    column->addLayout(foot);
    connect(m_button, &QPushButton::clicked, this, [this] { Q_EMIT buttonClicked(m_data.key); });
}

void BoardCard::setState(const QString& text, const char* tone)
{
    m_state->setText(text);
    setStyleProperty(m_state, "role", QLatin1String(tone));
}

void BoardCard::setButton(const QString& text, bool enabled, const QString& tip)
{
    m_button->setText(text);
    m_button->setVisible(!text.isEmpty());
    m_button->setEnabled(enabled);
    m_button->setToolTip(tip);
}

void BoardCard::setSelected(bool selected)
{
    setStyleProperty(this, "selected", selected);
}

void BoardCard::mousePressEvent(QMouseEvent*)
{
    Q_EMIT chosen(m_data.key);
}

void BoardCard::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        Q_EMIT buttonClicked(m_data.key);
    else if (event->key() == Qt::Key_Space)
        Q_EMIT chosen(m_data.key);
    else
        QFrame::keyPressEvent(event);
}

} // namespace ember::gui
