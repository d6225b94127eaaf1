// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/shell/keys_overlay.h"

#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"

#include <QGridLayout>

namespace ember::gui {
namespace {

QLayout* keyTable(const QString& title, const QList<KeyHint>& keys, const ThemeMetrics& m)
{
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(m.l);
    grid->setVerticalSpacing(m.xs);
    grid->addWidget(makeLabel(title, "heading"), 0, 0, 1, 2);
    int line = 1;
    for (const KeyHint& hint : keys) {
        grid->addWidget(makeLabel(hint.keys, "key"), line, 0, Qt::AlignLeft);
        grid->addWidget(makeLabel(hint.meaning.left(1).toUpper() + hint.meaning.mid(1)), line, 1);
        ++line;
    }
    grid->setRowStretch(line, 1);
    return grid;
}

} // namespace

KeysOverlay::KeysOverlay(const ThemeHub& theme, QWidget* window)
    : QFrame(window)
    , m_theme(theme)
{
    setObjectName(QStringLiteral("keys"));
    setProperty("role", QStringLiteral("popup"));
    setFocusPolicy(Qt::StrongFocus);
    hide();
}

void KeysOverlay::open(const QString& pageTitle, const QList<KeyHint>& pageKeys, const QList<KeyHint>& everywhere)
{
    delete layout();
    qDeleteAll(findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly));
    const ThemeMetrics& m = m_theme.metrics();
    auto* row = plainLayout<QHBoxLayout>(this, m.xl * 2, m.xl);
    if (!pageKeys.isEmpty())
        row->addLayout(keyTable(pageTitle, pageKeys, m));
    row->addLayout(keyTable(tr("Everywhere"), everywhere, m));
    adjustSize();
    const QWidget* window = parentWidget();
    move((window->width() - width()) / 2, (window->height() - height()) / 2);
    show();
    raise();
    setFocus(Qt::PopupFocusReason);
}

void KeysOverlay::keyPressEvent(QKeyEvent*)
{
    hide();
}

void KeysOverlay::focusOutEvent(QFocusEvent*)
{
    hide();
}

void KeysOverlay::mousePressEvent(QMouseEvent*)
{
    hide();
}

} // namespace ember::gui
