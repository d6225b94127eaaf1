// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/widgets/notice.h"

#include "app/gui/widgets/build.h"

namespace ember::gui {

Notice::Notice(QWidget* parent)
    : QFrame(parent)
    , m_icon(new QLabel)
    , m_message(makeLabel({}))
    , m_details(makeLabel({}, "muted"))
    , m_fold(makeIconButton(QStringLiteral("chevron-down"), tr("Show details")))
    , m_action(makeButton({}))
    , m_close(makeIconButton(QStringLiteral("close"), tr("Dismiss")))
{
    setProperty("role", QStringLiteral("notice"));
    m_message->setWordWrap(true);
    m_message->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_details->setWordWrap(true);
    m_details->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_details->hide();
    m_action->hide();
    m_fold->setCheckable(true);

    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_icon);
    row->addWidget(m_message, 1);
    row->addWidget(m_action);
    row->addWidget(m_fold);
    row->addWidget(m_close);
    auto* column = plainLayout<QVBoxLayout>(this, 4, 8);
    column->addLayout(row);
    column->addWidget(m_details);

    connect(m_fold, &QToolButton::toggled, m_details, &QWidget::setVisible);
    connect(m_close, &QToolButton::clicked, this, &Notice::clear);
    connect(m_action, &QPushButton::clicked, this, [this] {
        if (m_run)
            m_run();
    });
    hide();
}

void Notice::show(const char* tone, const QString& message, const QString& hint, const QString& details)
{
    setStyleProperty(this, "tone", QLatin1String(tone));
    const bool bad = qstrcmp(tone, "bad") == 0;
    const bool good = qstrcmp(tone, "good") == 0;
    const QString name = bad ? QStringLiteral("error") : good ? QStringLiteral("check") : QStringLiteral("warning");
    m_icon->setPixmap(icon(name, bad ? IconTone::Bad : good ? IconTone::Good : IconTone::Warn).pixmap(20, 20));
    m_message->setText(hint.isEmpty() ? message : message + QLatin1Char('\n') + hint);
    m_details->setText(details);
    m_fold->setChecked(false);
    m_fold->setVisible(!details.isEmpty());
    setAction({}, nullptr);
    setVisible(true);
}

void Notice::showError(const Error& error, const QString& kept)
{
    // A hint of many lines is what another program said: that is detail, not advice.
    const bool isAdvice = !error.hint.contains(QLatin1Char('\n'));
    QStringList details;
    if (!isAdvice)
        details << error.hint;
    for (const QString& step : error.trail)
        details << tr("while %1").arg(step);
    QStringList advice;
    if (!kept.isEmpty())
        advice << kept;
    if (isAdvice && !error.hint.isEmpty())
        advice << error.hint;
    show("bad", error.message, advice.join(QLatin1Char(' ')), details.join(QLatin1Char('\n')));
}

void Notice::setAction(const QString& text, std::function<void()> run)
{
    m_action->setText(text);
    m_action->setVisible(!text.isEmpty());
    m_run = std::move(run);
}

bool Notice::isNews(const QString& state)
{
    if (state == m_state)
        return false;
    m_state = state;
    return true;
}

void Notice::clear()
{
    hide();
}

} // namespace ember::gui
