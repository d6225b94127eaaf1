// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/shell/toast_host.h"

#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"

#include <QCursor>
#include <QEvent>
#include <QTimer>

namespace ember::gui {
namespace {

constexpr std::size_t kAtOnce = 3;
constexpr int kErrorWidth = 420;

} // namespace

ToastHost::ToastHost(QWidget* window, const ThemeHub& theme)
    : QObject(window)
    , m_window(window)
    , m_theme(theme)
{
    m_window->installEventFilter(this);
}

void ToastHost::showError(const Error& error)
{
    QString text = error.message;
    if (!error.hint.isEmpty())
        text += QLatin1Char('\n') + error.hint;
    add(text, tr("Dismiss"), nullptr, true);
}

void ToastHost::show(const QString& text, const QString& actionText, std::function<void()> action)
{
    add(text, actionText, std::move(action), false);
}

void ToastHost::add(const QString& text, const QString& actionText, std::function<void()> action, bool stays)
{
    while (m_toasts.size() >= kAtOnce)
        dismiss(m_toasts.front());

    QFrame* toast = makeFrame("toast", m_window);
    toast->setObjectName(QStringLiteral("toast"));
    auto* row = plainLayout<QHBoxLayout>(toast, 12, 12);
    QLabel* label = makeLabel(text);
    label->setWordWrap(stays);
    if (stays) {
        label->setFixedWidth(kErrorWidth);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    row->addWidget(label);
    if (!actionText.isEmpty()) {
        QPushButton* button = makeButton(actionText, "link");
        connect(button, &QPushButton::clicked, toast, [this, toast, action = std::move(action)] {
            if (action)
                action();
            dismiss(toast);
        });
        row->addWidget(button);
    }
    if (!stays)
        startTimer(toast);
    m_toasts.emplace_back(toast);
    place(); // first, or it would flash up in the other corner
    toast->show();
}

void ToastHost::startTimer(QFrame* toast)
{
    auto* timer = new QTimer(toast);
    timer->setSingleShot(true);
    timer->setInterval(m_theme.metrics().toastMs);
    connect(timer, &QTimer::timeout, toast, [this, toast, timer] {
        // Where the mouse is, not whether it entered: toasts move from under it when others come and go.
        if (toast->rect().contains(toast->mapFromGlobal(QCursor::pos())))
            timer->start();
        else
            dismiss(toast);
    });
    timer->start();
}

int ToastHost::count() const
{
    return static_cast<int>(m_toasts.size());
}

void ToastHost::dismiss(QFrame* toast)
{
    std::erase_if(m_toasts, [toast](const QPointer<QFrame>& t) { return t.isNull() || t == toast; });
    toast->hide();
    toast->deleteLater();
    place();
}

void ToastHost::place()
{
    const ThemeMetrics& m = m_theme.metrics();
    int bottom = m_window->height() - m.strip - m.l;
    for (auto toast = m_toasts.rbegin(); toast != m_toasts.rend(); ++toast) {
        (*toast)->adjustSize();
        bottom -= (*toast)->height();
        (*toast)->move(m_window->width() - (*toast)->width() - m.l, bottom);
        (*toast)->raise();
        bottom -= m.s;
    }
}

bool ToastHost::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Resize)
        place();
    return QObject::eventFilter(watched, event);
}

} // namespace ember::gui
